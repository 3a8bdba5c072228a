<!--- One message by its uid: addresses, HTML or text, attachments as links, the header on demand. --->
<cfparam name="url.uid" default="">
<cfset tab = chr(9)>
<cfset folder = reReplace(url.uid, "[^A-Za-z0-9]", "_", "all")>

<cfpop action="getAll" name="message"
  server="#application.pop.server#" port="#application.pop.port#"
  username="#session.mail.user#" password="#session.mail.password#"
  uid="#url.uid#" attachmentPath="#application.files##folder#">

<cfset pageTitle = "Message">
<cfif message.recordCount and len(trim(message.subject))>
  <cfset pageTitle = message.subject>
</cfif>
<cfinclude template="header.cfm">

<cfif message.recordCount eq 0>
  <p class="problem">This message is no longer there.</p>
<cfelse>
  <cfoutput query="message">
  <table>
  <cfloop list="from,to,cc,replyTo" index="field">
    <cfset value = trim(message[field][1])>
    <cfif len(value)>
      <tr><th>#uCase(left(field, 1))##removeChars(field, 1, 1)#</th><td>#htmlEditFormat(value)#</td></tr>
    </cfif>
  </cfloop>
  <tr><th>Date</th><td>
    <cfif isDate(date)>#dateFormat(parseDateTime(date, "pop"), "dddd, d mmmm yyyy")#, #timeFormat(parseDateTime(date, "pop"), "HH:mm")# UTC<cfelse>no date</cfif>
  </td></tr>
  </table>

  <cfif listLen(attachments, tab)>
    <h2>#listLen(attachments, tab)# attached</h2>
    <ul>
    <cfloop from="1" to="#listLen(attachments, tab)#" index="i">
      <cfset name = listGetAt(attachments, i, tab)>
      <cfset file = getFileFromPath(listGetAt(attachmentFiles, i, tab))>
      <li><a href="files/#folder#/#urlEncodedFormat(file)#">#htmlEditFormat(name)#</a> (#lCase(listLast(name, "."))#)</li>
    </cfloop>
    </ul>
  </cfif>

  <div class="body">
  <cfif len(trim(htmlBody))>
    #htmlBody#
  <cfelse>
    #replace(htmlEditFormat(replace(textBody, chr(13), "", "all")), chr(10), "<br>", "all")#
  </cfif>
  </div>

  <cfif isDefined("url.header")>
    <h2>Header</h2>
    <pre><cfloop list="#header#" delimiters="#chr(13)##chr(10)#" index="line">#htmlEditFormat(line)#
</cfloop></pre>
  <cfelse>
    <p><a href="message.cfm?uid=#urlEncodedFormat(uid)#&amp;header=yes">Show the header</a></p>
  </cfif>
  <form method="post" action="list.cfm">
    <input type="hidden" name="uid" value="#htmlEditFormat(uid)#">
    <button type="submit">Delete</button>
  </form>
  </cfoutput>
</cfif>
<cfinclude template="footer.cfm">
