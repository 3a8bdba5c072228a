<!--- The head of every page. Whoever includes it may set pageTitle. --->
<cfparam name="pageTitle" default="Mail">
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title><cfoutput>#htmlEditFormat(pageTitle)#</cfoutput></title>
<style>
body { margin: 0 auto; max-width: 60em; padding: 1.5em; font: 16px/1.5 system-ui, sans-serif; color: #222; background: #f6f5f2; }
nav { display: flex; gap: 1.2em; padding-bottom: 0.8em; border-bottom: 1px solid #ccc; }
a { color: #1a5a96; }
h1 { margin: 0.8em 0 0.6em; font-size: 1.6em; }
h2 { margin: 1.4em 0 0.5em; font-size: 1.1em; }
table { width: 100%; border-collapse: collapse; background: #fff; }
th, td { padding: 0.45em 0.7em; text-align: left; vertical-align: baseline; border-bottom: 1px solid #e3e1dc; }
th { color: #666; font-size: 0.85em; font-weight: 600; }
tr.even { background: #faf9f7; }
td.sender { min-width: 9em; }
td.address { width: 22em; }
td.number, td.date { white-space: nowrap; font-variant-numeric: tabular-nums; }
.bar { display: flex; justify-content: space-between; align-items: center; gap: 1em; margin: 1em 0; }
.note, .problem { padding: 0.6em 0.9em; border-left: 4px solid #4a8; background: #eef7f1; }
.problem { border-color: #c43; background: #fbeeec; }
.body { padding: 1em 1.2em; background: #fff; overflow-wrap: anywhere; }
.body img { max-width: 100%; }
pre { padding: 0.8em; background: #fff; white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.85em; }
button { padding: 0.4em 1em; font: inherit; color: #fff; background: #1a5a96; border: 0; border-radius: 4px; }
</style>
</head>
<body>
<nav><a href="list.cfm">Inbox</a> <a href="bounces.cfm">Bounces</a></nav>
<h1><cfoutput>#htmlEditFormat(pageTitle)#</cfoutput></h1>
