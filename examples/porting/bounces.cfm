<!--- Reads the bounces: which addresses failed, and for good or not. On request the bounces that were understood are deleted. --->
<cffunction name="addressIn" output="no" returntype="string">
  <cfargument name="text" type="string" required="yes">
  <cfset var found = reFindNoCase("[a-z0-9._%+-]+@[a-z0-9-]+(\.[a-z0-9-]+)+", arguments.text, 1, true)>
  <cfif found.pos[1] eq 0><cfreturn ""></cfif>
  <cfreturn lCase(mid(arguments.text, found.pos[1], found.len[1]))>
</cffunction>

<cfset pageTitle = "Bounces">
<cfset report = queryNew("address,status,kind,subject,uid")>
<cfset handled = "">
<cfset unread = 0>
<cfpop action="getAll" name="mail"
  server="#application.pop.server#" port="#application.pop.port#"
  username="#session.mail.user#" password="#session.mail.password#" timeout="90">

<cfloop query="mail">
  <cfif not (mail.from contains "mailer-daemon" or mail.from contains "postmaster")>
    <cfset unread++>
  <cfelse>
    <cftry>
      <cfset address = "">
      <cfset status = "">
      <cfloop list="#mail.body#" delimiters="#chr(13)##chr(10)#" index="line">
        <cfif address eq "" and line contains "@">
          <cfset address = addressIn(line)>
        </cfif>
        <cfif status eq "" and left(line, 7) is "Status:">
          <cfset status = trim(listRest(line, ":"))>
        <cfelseif status eq "" and reFind("\b[45]\.[0-9]+\.[0-9]+\b", line)>
          <cfset status = reMatch("[45]\.[0-9]+\.[0-9]+", line)[1]>
        </cfif>
      </cfloop>
      <cfif not len(address)>
        <cfthrow type="bounces.unclear" message="no address in #mail.subject#">
      </cfif>
      <cfset queryAddRow(report)>
      <cfset querySetCell(report, "address", address)>
      <cfset querySetCell(report, "status", status)>
      <cfset querySetCell(report, "kind", iif(left(status, 1) eq 5, de("hard"), de("soft")))>
      <cfset querySetCell(report, "subject", mail.subject)>
      <cfset querySetCell(report, "uid", mail.uid)>
      <cfset handled = listAppend(handled, mail.uid)>
      <cfcatch type="bounces.unclear">
        <cfset unread = unread + 1>
      </cfcatch>
    </cftry>
  </cfif>
</cfloop>

<cfif isDefined("form.delete") and len(handled)>
  <cfpop action="delete" uid="#handled#"
    server="#application.pop.server#" port="#application.pop.port#"
    username="#session.mail.user#" password="#session.mail.password#">
</cfif>

<cfquery dbtype="query" name="sorted">
  SELECT * FROM report ORDER BY kind, address
</cfquery>
<cfquery dbtype="query" name="gone">
  SELECT DISTINCT address FROM report WHERE kind = 'hard' ORDER BY address
</cfquery>

<cfinclude template="header.cfm">
<cfif report.recordCount eq 0>
  <p class="note">No bounces.</p>
</cfif>
<cfoutput query="sorted" group="kind">
  <h2><cfif kind is "hard">Failed for good<cfelse>May still arrive</cfif></h2>
  <table>
  <cfoutput>
    <tr><td class="address">#htmlEditFormat(address)#</td><td>#htmlEditFormat(status)#</td><td>#htmlEditFormat(subject)#</td></tr>
  </cfoutput>
  </table>
</cfoutput>
<cfoutput>
<p>#report.recordCount# bounced, #unread# other messages.
  <cfif gone.recordCount>To be struck from the list: #valueList(gone.address, ", ")#.</cfif></p>
<cfif isDefined("form.delete")>
  <p class="note">#listLen(handled)# deleted.</p>
<cfelseif len(handled)>
  <form method="post" action="bounces.cfm">
    <button type="submit" name="delete" value="yes">Delete these bounces</button>
  </form>
</cfif>
</cfoutput>
<cfinclude template="footer.cfm">
