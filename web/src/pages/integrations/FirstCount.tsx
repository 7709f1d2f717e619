// For vendors and scripts of one's own: a few lines that push a first count, and what has arrived so far.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import type { Integration } from "../../api/types";
import { t } from "../../i18n";
import { ago, time } from "../../lib/format";
import { BASE } from "../../lib/router";
import { Button, Chip, copyText, Facts, Notice } from "../../ui";
import { useIntegration } from "./data";

const LANGUAGES = ["curl", "powershell", "python"] as const;
type Language = (typeof LANGUAGES)[number];
const NAMES: Record<Language, string> = { curl: "curl", powershell: "PowerShell", python: "Python" };

/** The same three calls in each: an account, a service, a count. */
const WRITE: Record<Language, (base: string, token: string) => string> = {
	curl: (base, token) => `BASE='${base}'
TOKEN='${token}'
post() {
  curl -sS --fail-with-body -X POST "$BASE/api/vendor-api$1" \\
    -H "Gradient-Token: $TOKEN" -H 'Content-Type: application/json' -d "$2" && echo
}
post /organization/accounts '[{"id":"acme","name":"Acme Ltd"}]'
post /organization/services '[{"id":"seats","name":"Seats"}]'
post /service/seats/count '{"accountId":"acme","unitCount":5}'
`,
	powershell: (base, token) => `$Base = '${base}'
$Token = '${token}'
function Send($Path, $Json) {
  Invoke-RestMethod -Method Post -Uri "$Base/api/vendor-api$Path" -Body $Json \`
    -ContentType 'application/json' -Headers @{ 'Gradient-Token' = $Token }
}
Send '/organization/accounts' '[{"id":"acme","name":"Acme Ltd"}]'
Send '/organization/services' '[{"id":"seats","name":"Seats"}]'
Send '/service/seats/count' '{"accountId":"acme","unitCount":5}'
`,
	python: (base, token) => `import json
import urllib.request

BASE = "${base}"
TOKEN = "${token}"


def post(path, body):
    headers = {"Gradient-Token": TOKEN, "Content-Type": "application/json"}
    request = urllib.request.Request(BASE + "/api/vendor-api" + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        print(answer.status, answer.read().decode())


post("/organization/accounts", [{"id": "acme", "name": "Acme Ltd"}])
post("/organization/services", [{"id": "seats", "name": "Seats"}])
post("/service/seats/count", {"accountId": "acme", "unitCount": 5})
`,
};

export function Snippets({ token, base }: { token: string | null; base: string | null }) {
	const [language, setLanguage] = useState<Language>("curl");
	const address = base ?? (location.origin + BASE).replace(/\/$/, "");
	const text = WRITE[language](address, token ?? t("snippet.token_here"));
	return (
		<div className="stack">
			<p className="muted">{t("snippet.text")}</p>
			{!token && <Notice>{t("snippet.no_token")}</Notice>}
			<Tabs
				selectedKey={language}
				onSelectionChange={(k) => setLanguage(String(k) as Language)}
				className="snippet"
				keyboardActivation="automatic"
			>
				<div className="row between snippet-head">
					<TabList aria-label={t("snippet.language")} className="snippet-tabs">
						{LANGUAGES.map((id) => (
							<Tab key={id} id={id} className="snippet-tab">
								{NAMES[id]}
							</Tab>
						))}
					</TabList>
					<Button size="small" icon="copy" onPress={() => copyText(text)}>
						{t("snippet.copy")}
					</Button>
				</div>
				{LANGUAGES.map((id) => (
					<TabPanel key={id} id={id} className="snippet-panel">
						<pre className="code">{text}</pre>
					</TabPanel>
				))}
			</Tabs>
		</div>
	);
}

/** What came in, on request and by itself every few seconds while nothing has. */
export function Arrived({ integration }: { integration: Integration }) {
	const cache = useQueryClient();
	const [checked, setChecked] = useState<string | null>(null);
	const query = useIntegration(integration.id, { every: integration.last_count_at ? 0 : 4000 });
	const it = query.data ?? integration;
	const check = async () => {
		await cache.refetchQueries({ queryKey: ["integrations", integration.id], exact: true });
		setChecked(new Date().toISOString());
	};
	return (
		<div className="stack">
			<Facts
				items={[
					[t("arrived.accounts"), it.accounts.total],
					[t("arrived.services"), it.services.total],
					[
						t("arrived.count"),
						it.last_count_at ? (
							<span key="c" title={time(it.last_count_at)}>
								{ago(it.last_count_at)}
							</span>
						) : (
							<Chip key="n">{t("arrived.none")}</Chip>
						),
					],
				]}
			/>
			<div className="row wrap">
				<Button icon="refresh" onPress={check} isPending={query.isFetching && checked === null}>
					{t("arrived.check")}
				</Button>
				<span className="small muted" role="status">
					{checked && t("arrived.checked", { when: time(checked) })}
				</span>
			</div>
		</div>
	);
}
