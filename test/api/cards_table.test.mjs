// The cards of a whole fixture month, worked out by hand from sim/fixtures/demo.json: every line, every kind.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startWorld } from "../lib/world.mjs";

// account | Product ID | kind | agreement | units in the PSA | at the vendor | reconciled | choices
const TABLE = `
Alder & Finch LLP | CORO-CLOUD | no_change | Managed Services | 24 | 24 | 24 | 0
Alder & Finch LLP | CORO-EDR | reconcile | Managed Services | 26 | 29 | 29 | 0
Alder & Finch LLP | CORO-EMAIL | reconcile | Managed Services | 24 | 27 | 27 | 0
Alder & Finch LLP | CORO-ENDPOINT | no_change | Managed Services | 26 | 26 | 26 | 0
Avocet Insurance | CORO-EMAIL | reconcile | - | 60 | 66 | 66 | 2
Bayside Medical Center | CORO-EMAIL | reconcile | Managed Services | 120 | 131 | 131 | 0
Bramble Housing | CORO-EDR | reconcile | Managed Services | 90 | 84 | 84 | 0
Bramble Housing | CORO-EMAIL | no_change | Managed Services | 88 | 88 | 88 | 0
Brightwater Marine | CORO-EDR | no_change | Managed Services | 18 | 18 | 18 | 0
Café Réunion | CORO-EMAIL | no_change | Managed Services | 9 | 9 | 9 | 0
Cobalt Accounting | CORO-EDR | new_revenue | - | - | 12 | 12 | 1
Cobalt Accounting | CORO-EMAIL | no_change | Managed Services | 12 | 12 | 12 | 0
Curlew Engineering | CORO-EDR | reconcile | - | 42 | 48 | 48 | 2
Curlew Engineering | FIREWALL | no_vendor | Managed Services | 1 | - | - | 0
Curlew Engineering | M365-BP | no_vendor | Managed Services | 33 | - | - | 0
Delta Services | CORO-EMAIL | no_usage | Managed Services | 17 | - | - | 0
Delta Services | CORO-EMAIL | no_usage | Managed Services | 5 | - | - | 0
Dotterel Energy | CORO-EDR | no_change | Managed Services | 40 | 40 | 40 | 0
Dotterel Energy | CORO-EMAIL | new_revenue | - | - | 40 | 40 | 1
Driftwood Law | CORO-EDR | no_usage | Managed Services | 11 | - | - | 0
Dunlin Freight | CORO-EDR | new_revenue | - | - | 8 | 8 | 0
Elm Street Clinic | CORO-EMAIL | no_change | Managed Services | 45 | 45 | 45 | 0
Elm Street Clinic | CORO-ENDPOINT | no_change | Managed Services | 40 | 40 | 40 | 0
Foxglove Gardens | CORO-EDR | no_change | Managed Services | 5 | 5 | 5 | 0
Fulmar Optics | CORO-EDR | new_revenue | - | - | 22 | 22 | 0
Gannet Printing | CORO-EDR | new_revenue | - | - | 16 | 16 | 0
Granite Mutual | CORO-EDR | reconcile | Managed Services | 210 | 214 | 214 | 0
Granite Mutual | M365-BP | no_vendor | Managed Services | 180 | - | - | 0
Harrow Logistics Inc. | CORO-CLOUD | reconcile | Managed Services | 60 | 64 | 64 | 0
Harrow Logistics Inc. | CORO-EDR | no_change | Managed Services | 55 | 55 | 55 | 0
Heron Valley School | CORO-CLOUD | reconcile | Managed Services | 400 | 412 | 412 | 0
Heron Valley School | CORO-EMAIL | no_change | Managed Services | 400 | 400 | 400 | 0
Ironwood Data | BACKUP-TB | no_vendor | Managed Services | 2.5 | - | - | 0
Ironwood Data | CORO-EDR | no_change | Managed Services | 9 | 9 | 9 | 0
Juniper Transport | CORO-ENDPOINT | no_change | Managed Services | 33 | 33 | 33 | 0
Kestrel Foods Ltd | CORO-EDR | reconcile | Managed Services | 35 | 38 | 38 | 0
Kestrel Foods Ltd | CORO-EMAIL | no_change | Managed Services | 40 | 40 | 40 | 0
Kingfisher Homes | CORO-EDR | no_change | Managed Services | 14 | 14 | 14 | 0
Kingfisher Homes | CORO-EMAIL | no_change | Managed Services | 16 | 16 | 16 | 0
Lapwing Software | CORO-EDR | reconcile | Managed Services | 70 | 76 | 76 | 0
Linnet Textiles | CORO-EDR | new_revenue | - | - | 10 | 10 | 1
Linnet Textiles | CORO-EMAIL | no_change | Managed Services | 13 | 13 | 13 | 0
Merlin Security Services | CORO-EMAIL | no_change | Managed Services | 28 | 28 | 28 | 0
Müller & Söhne GmbH | CORO-EDR | no_change | Managed Services | 20 | 20 | 20 | 0
Müller & Söhne GmbH | CORO-EMAIL | reconcile | Managed Services | 22 | 25 | 25 | 0
Nightjar Media | CORO-CLOUD | no_change | Managed Services | 10 | 10 | 10 | 0
Nightjar Media | CORO-EDR | no_usage | Managed Services | 10 | - | - | 0
Northwind Dental Group | CORO-EDR | reconcile | Managed Services | 24 | 27 | 27 | 0
Northwind Dental Group | CORO-EMAIL | no_change | Managed Services | 30 | 30 | 30 | 0
O'Neill & Daughters, Inc | CORO-EMAIL | reconcile | Managed Services | 7 | 8 | 8 | 0
Old Mill Bakery | CORO-EDR | no_usage | Managed Services | 4 | - | - | 0
Pinecrest Academy | CORO-EDR | no_change | Managed Services | 25 | 25 | 25 | 0
Plover Studio | CORO-EDR | new_revenue | - | - | 2 | 2 | 0
Redpoll Catering | CORO-EMAIL | reconcile | Managed Services | 15 | 19 | 19 | 0
Siskin Architects | CORO-EDR | reconcile | Managed Services | 24 | 27 | 27 | 0
Summit Partners | CORO-EDR | reconcile | Managed Services | 12 | 15 | 15 | 0
Tarn & Co  | CORO-EDR | reconcile | Managed Services | 14 | 11 | 11 | 0
The Larch  Hotel | CORO-EMAIL | no_change | Managed Services | 31 | 31 | 31 | 0
Whimbrel Group | CORO-CLOUD | reconcile | Managed Services | 75 | 80 | 80 | 0
Whimbrel Group | CORO-EDR | no_usage | Managed Services - sites | 75 | - | - | 0
Willet Farms | CORO-EDR | new_revenue | - | - | 3 | 3 | 0
株式会社さくら | CORO-EDR | reconcile | Managed Services | 6 | 7 | 7 | 0
`;

// What a person maps by hand: Coro's name -> the PSA's.
const ACCOUNTS = {
	"Kestrel Foods": "Kestrel Foods Ltd",
	"Muller & Sohne GmbH": "Müller & Söhne GmbH",
	"Cafe Reunion": "Café Réunion",
	"Harow Logistics": "Harrow Logistics Inc.",
	"Medical Center Bayside": "Bayside Medical Center",
	"BRIGHTWATER MARINE": "Brightwater Marine",
	"Tarn & Co": "Tarn & Co ",
	"O’Neill and Daughters": "O'Neill & Daughters, Inc",
	"Larch Hotel, The": "The Larch  Hotel",
};

let world;
before(async () => {
	world = await startWorld({ fixture: "sim/fixtures/demo.json", accounts: ACCOUNTS });
});
after(() => world?.stop());

const row = (c) =>
	[
		c.account.name,
		c.product.code,
		c.kind,
		c.contract?.name ?? "-",
		c.psa_units ?? "-",
		c.vendor_units ?? "-",
		c.reconciled_units ?? "-",
		c.choices.length,
	].join(" | ");

test("the cards are the ones worked out by hand", async () => {
	const cards = await world.all("/cards");
	const wanted = TABLE.split("\n").filter(Boolean);
	assert.deepEqual(cards.map(row).sort(), wanted.sort());
	assert.ok(cards.every((c) => c.state === "open"));
});

test("made again, they are the same cards", async () => {
	const plain = async () => (await world.all("/cards")).map(({ updated_at, ...card }) => card);
	const first = await plain();
	await world.sync();
	assert.deepEqual(await plain(), first);
});

test("what the sync left out is counted, with the reason in words", async () => {
	const skipped = await world.all("/psa/skipped");
	assert.deepEqual(skipped.map((s) => `${s.what} ${s.name}: ${s.reason}`).sort(), [
		"account Oakline Ventures: type is Prospect",
		"account Summit Partners: in the recycle bin",
		"account Unapproved Holdings: status is Not-Approved",
		"contract Managed Services: billing cycle is None",
		"contract Managed Services: billing cycle is None",
		"contract Managed Services: cancelled",
		"contract Managed Services: expired",
		"contract Managed Services: inactive",
		"product Security bundle: a bundle: its parts are billed, never itself",
	]);
});

test("names that are not equal character for character were left to a person", async () => {
	const accounts = await world.all(`/integrations/${world.integration.id}/accounts?status=unmapped`);
	assert.deepEqual(accounts.map((a) => a.name).sort(), ["Delta Services", "Delta Services", "Osprey Charter (trial)"]);
	const twice = accounts.find((a) => a.name === "Delta Services");
	assert.deepEqual(twice.suggestions.map((s) => s.name), ["Delta Services", "Delta Services"]);
});
