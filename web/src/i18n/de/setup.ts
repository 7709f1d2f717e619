export const setup = {
	"signin.title": "Anmelden",
	"signin.email": "E-Mail-Adresse",
	"signin.password": "Passwort",
	"signin.submit": "Anmelden",
	"signin.code": "Code",
	"signin.code_help": "Sechs Ziffern aus Ihrer App oder einer Ihrer Wiederherstellungscodes.",
	"signin.forgot":
		"Kein Passwort oder vergessen? Eine Verwalterin oder ein Verwalter kann Ihnen einen neuen Link geben.",
	"signin.link_title": "Einen Moment",
	"signin.link_text": "Mit dem Knopf melden Sie sich über diesen Link an. Er gilt einmal.",
	"signin.link_bad": "Dieser Link gilt nicht",
	"signin.link_bad_detail":
		"Er wurde schon benutzt oder ist zu alt. Bitten Sie um einen neuen, oder melden Sie sich mit Ihrem Passwort an.",
	"signin.to_signin": "Zur Anmeldung",
	"invite.title": "Willkommen bei Trueup",
	"invite.text": "Wählen Sie ein Passwort für {email}.",
	"invite.name": "Ihr Name",
	"people.name": "Name",
	"invite.password": "Neues Passwort",
	"invite.password_help":
		"Mindestens 10 Zeichen. Einige Wörter hintereinander merkt man sich leicht, und sie sind schwer zu raten.",
	"invite.submit": "Speichern und anmelden",
	"setup.steps": "Einrichtung",
	"setup.step_admin": "Firma",
	"setup.step_psa": "PSA",
	"setup.step_done": "Erster Abgleich",
	"setup.title": "Trueup einrichten",
	"setup.text": "Wer Sie sind und wer diesen Server betreut.",
	"setup.organization": "Name Ihrer Firma",
	"setup.currency": "Währung",
	"setup.currency_help": "Drei Buchstaben, etwa USD oder EUR. Nur für die Anzeige von Beträgen.",
	"setup.submit": "Weiter",
	"setup.no_link": "Öffnen Sie den Einrichtungslink",
	"setup.no_link_detail":
		"Dieser Server ist neu. Beim Start hat er einen einmaligen Link ausgegeben: Öffnen Sie diesen.",
	"psa.title": "PSA verbinden",
	"psa.text":
		"Trueup liest daraus Konten, Verträge und Positionen und schreibt eine Menge nur, wenn Sie sie freigeben.",
	"psa.choose": "Welches PSA benutzen Sie?",
	"psa.no_tickets":
		"{name} nimmt von Trueup keine Tickets an: Meldungen der Hersteller werden abgelehnt, und der Hersteller erfährt, warum.",
	"psa.checklist": "Vorher, in {name}",
	"psa.save_and_test": "Speichern und prüfen",
	"psa.testing": "Wird geprüft: das dauert einige Sekunden",
	"psa.checks": "Was geprüft wurde",
	"psa.check_ok": "geht",
	"psa.check_bad": "geht nicht",
	"psa.all_ok": "Alles geht",
	"psa.all_ok_detail": "Weiter: dann wird Ihr PSA zum ersten Mal gelesen.",
	"psa.some_bad": "Es fehlt etwas",
	"psa.some_bad_detail": "Ändern Sie im PSA, was unten markiert ist, und prüfen Sie noch einmal.",
	"psa.more": "Weitere Einstellungen",
	"psa.later": "Später",
	"psa.continue": "Weiter",
	"psa.first_sync": "Ihr PSA wird gelesen",
	"psa.first_sync_detail": "Beim ersten Mal dauert das einige Minuten. Hersteller können Sie schon verbinden.",
	"psa.first_sync_done": "Ihr PSA ist gelesen",
	"psa.first_sync_counts": "{accounts} Konten, {contracts} Verträge, {lines} Positionen",
	"psa.to_integrations": "Hersteller verbinden",
	"psa.to_dashboard": "Zur Übersicht",
	"demo.explore": "Mit Demodaten umsehen",
	"demo.explore_text":
		"Kein PSA zur Hand, oder nur zum Ansehen? Sehen Sie Trueup mit erfundenen Kunden, Herstellern und Zählungen bei der Arbeit. Nichts verlässt diesen Server, und ein Knopf nimmt alles wieder weg.",
	"demo.making": "Ihre Demo wird angelegt",
	"demo.making_text":
		"Ein Positionsbericht wird gelesen, drei Hersteller bringen ihre Zählungen, und der erste Vergleich entsteht. Einige Sekunden.",
	"demo.made": "Ihre Demo ist fertig",
	"demo.made_text":
		"25 Kunden mit ihren Verträgen, drei Hersteller mit Zählungen einiger Monate und die Unterschiede dazwischen.",
	"demo.look": "Umsehen",
	"demo.step": "Demodaten",
	"demo.psa": "Ein Positionsbericht steht für ein PSA",
	"demo.psa_text":
		"Die Demo liest ihre Verträge aus einer Datei. „Mit eigenem PSA beginnen“, oben, räumt sie weg und fragt nach Ihrem.",
	"psa.list.connectwise":
		"System > Members > API Members: ein eigenes Mitglied mit eigener Sicherheitsrolle.\nÖffentlicher und privater Schlüssel dieses Mitglieds (Reiter API Keys). Der private wird einmal gezeigt.\nRolle, Companies: Company Maintenance, Inquire.\nRolle, Finance: Agreements mit Add, Edit, Inquire (Customize: alle Abschnitte); Agreement Sales mit Inquire.\nRolle, Procurement: Product Catalog und Products mit Inquire; auch Edit, wenn Kosten geändert werden sollen.\nRolle, System: Table Setup mit Inquire.\nIhre Adresse und Ihre Company ID (wie bei der Anmeldung).",
	"psa.list.autotask":
		"Eine Sicherheitsstufe, kopiert von einer mit dem Lizenztyp API User.\nContracts: full. CRM: Customer & Cancellation, All. Inventory, Products: view All.\nEin neuer API User mit dieser Stufe; sein Benutzername und Geheimnis.\nAutotask nimmt ganze Zahlen, und Änderungen gelten ab dem Ersten des nächsten Monats.",
	"psa.list.halopsa":
		"Eine Rolle: Clients lesen; Items lesen und ändern; Invoices lesen, anlegen, ändern; Client Contracts lesen und ändern.\nEin API-Agent mit dieser Rolle.\nEine API-Anwendung: Client ID und Secret (Services), Anmeldung als Agent, mit read customers, read und edit contracts, items, invoices. Nicht die Berechtigung „all“.\nResource Server, Authorisation Server und Tenant, wie Halo sie zeigt.",
	"psa.list.kaseya-bms":
		"Eine Rolle vom Typ Internal mit der Besonderheit Has API Access.\nEin API Employee mit dieser Rolle; Benutzername und Passwort kommen per Mail.\nIhre Firma (Tenant) und die Adresse Ihres Servers.",
	"psa.list.pulseway":
		"Eine Rolle vom Typ Internal mit der Besonderheit Has API Access.\nEin API Employee mit dieser Rolle; Benutzername und Passwort kommen per Mail.\nIhre Firma (Tenant) und die Adresse Ihres Servers.",
	"psa.list.syncro":
		"Ein API-Token mit eigenen Berechtigungen und ohne Ablauf.\nCustomers: list und detail. Products: list. Invoices: list, detail, create, edit.\nRecurring Invoices: list, new, edit.\nIhre Subdomain.",
	"signin.continue_as": "Weiter als {email}",
};
