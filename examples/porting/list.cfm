<!--- The inbox: ten messages a page, the newest first. What is ticked is deleted, by its uid. --->
<cfparam name="url.start" type="integer" default="1">
<cfparam name="url.sender" default="">
<cfset pageSize = 10>
<cfset pageTitle = "Inbox">
<cfset problem = "">

<cfif isDefined("form.uid") and len(form.uid)>
  <cfpop action="DELETE" name="mail"
    server="#application.pop.server#" port="#application.pop.port#"
    username="#session.mail.user#" password="#session.mail.password#"
    uid="#form.uid#">
  <cflocation url="list.cfm?start=#url.start#&deleted=#listLen(form.uid)#" addtoken="no">
</cfif>

<cftry>
  <cfpop action="getHeaderOnly" name="mail"
    server="#application.pop.server#" port="#application.pop.port#"
    username="#session.mail.user#" password="#session.mail.password#"
    startrow="#url.start#" maxrows="#pageSize#">
  <cfcatch type="any">
    <cfset mail = queryNew("date,from,messageNumber,subject,uid")>
    <cfset problem = cfcatch.message>
  </cfcatch>
</cftry>

<cfquery dbtype="query" name="listed">
  SELECT * FROM mail
  <cfif len(url.sender)>WHERE [from] = <cfqueryparam value="#url.sender#"></cfif>
  ORDER BY messageNumber DESC
</cfquery>

<cfinclude template="header.cfm">
<cfoutput>
<cfif len(problem)>
  <p class="problem">The mailbox cannot be read: #htmlEditFormat(problem)#</p>
</cfif>
<cfif isDefined("url.deleted")>
  <p class="note">#val(url.deleted)# deleted.</p>
</cfif>
<cfif len(url.sender)>
  <p class="note">Only from #htmlEditFormat(url.sender)#. <a href="list.cfm?start=#url.start#">Show all</a></p>
</cfif>
<form method="post" action="list.cfm?start=#url.start#">
</cfoutput>
<table>
<tr><th></th><th>No.</th><th>Date</th><th>From</th><th>Subject</th></tr>
<cfset shown = 0>
<cfoutput query="listed">
  <cfset shown = shown + 1>
  <cfset sender = trim(replace(listFirst(from, "<"), """", "", "all"))>
  <tr class="<cfif shown mod 2>odd<cfelse>even</cfif>">
    <td><input type="checkbox" name="uid" value="#htmlEditFormat(uid)#"></td>
    <td class="number">#messageNumber#</td>
    <td class="date"><cfif isDate(date)>#dateFormat(parseDateTime(date, "pop"), "d mmm yyyy")#, #timeFormat(parseDateTime(date, "pop"), "HH:mm")#<cfelse>no date</cfif></td>
    <td class="sender"><a href="list.cfm?start=#url.start#&amp;sender=#urlEncodedFormat(from)#">#htmlEditFormat(sender)#</a></td>
    <td><a href="message.cfm?uid=#urlEncodedFormat(uid)#"><cfif len(trim(subject))>#htmlEditFormat(subject)#<cfelse>(no subject)</cfif></a></td>
  </tr>
</cfoutput>
</table>
<cfoutput>
<div class="bar">
  <cfif url.start gt 1>
    <a href="list.cfm?start=#max(url.start - pageSize, 1)#">&laquo; Older</a>
  </cfif>
  <span>#shown# shown, from number #url.start# on</span>
  <cfif mail.recordCount eq pageSize>
    <a href="list.cfm?start=#url.start + pageSize#">Newer &raquo;</a>
  </cfif>
  <button type="submit">Delete</button>
</div>
</form>
</cfoutput>
<cfinclude template="footer.cfm">
