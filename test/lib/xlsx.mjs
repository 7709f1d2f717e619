// Makes XLSX files for tests, also broken ones: a zip of the given parts, stored or deflated.
import { deflateRawSync } from "node:zlib";

const TABLE = Array.from({ length: 256 }, (_, n) => {
	for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
	return n >>> 0;
});

function crc32(data) {
	let c = 0xffffffff;
	for (const byte of data) c = TABLE[(c ^ byte) & 255] ^ (c >>> 8);
	return (c ^ 0xffffffff) >>> 0;
}

/** parts: {name: text or Buffer}. */
export function zip(parts) {
	const files = [];
	const index = [];
	let offset = 0;
	for (const [name, content] of Object.entries(parts)) {
		const data = Buffer.from(content);
		const packed = deflateRawSync(data);
		const head = Buffer.alloc(30);
		head.writeUInt32LE(0x04034b50, 0);
		head.writeUInt16LE(20, 4);
		head.writeUInt16LE(8, 8);
		head.writeUInt32LE(crc32(data), 14);
		head.writeUInt32LE(packed.length, 18);
		head.writeUInt32LE(data.length, 22);
		head.writeUInt16LE(name.length, 26);
		const entry = Buffer.alloc(46);
		entry.writeUInt32LE(0x02014b50, 0);
		entry.writeUInt16LE(20, 4);
		entry.writeUInt16LE(20, 6);
		head.copy(entry, 10, 8, 30);
		entry.writeUInt16LE(name.length, 28);
		entry.writeUInt32LE(offset, 42);
		files.push(head, Buffer.from(name), packed);
		index.push(entry, Buffer.from(name));
		offset += head.length + name.length + packed.length;
	}
	const directory = Buffer.concat(index);
	const end = Buffer.alloc(22);
	end.writeUInt32LE(0x06054b50, 0);
	end.writeUInt16LE(Object.keys(parts).length, 8);
	end.writeUInt16LE(Object.keys(parts).length, 10);
	end.writeUInt32LE(directory.length, 12);
	end.writeUInt32LE(offset, 16);
	return Buffer.concat([...files, directory, end]);
}

const escaped = (s) => String(s).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

const column = (i) => (i >= 26 ? String.fromCharCode(64 + Math.floor(i / 26)) : "") + String.fromCharCode(65 + (i % 26));

/** A cell: a text, a number (raw), {date: days}, {inline: text}, {bool: 1}, {formula: value}, or null for none. */
function cell(value, ref, shared) {
	if (value === null || value === undefined) return "";
	if (typeof value === "number") return `<c r="${ref}"><v>${value}</v></c>`;
	if (typeof value === "object") {
		if ("raw" in value) return `<c r="${ref}"><v>${value.raw}</v></c>`;
		if ("date" in value) return `<c r="${ref}" s="1"><v>${value.date}</v></c>`;
		if ("inline" in value) return `<c r="${ref}" t="inlineStr"><is><t>${escaped(value.inline)}</t></is></c>`;
		if ("bool" in value) return `<c r="${ref}" t="b"><v>${value.bool}</v></c>`;
		return `<c r="${ref}" t="str"><f>A1</f><v>${escaped(value.formula)}</v></c>`;
	}
	return `<c r="${ref}" t="s"><v>${shared.push(value) - 1}</v></c>`;
}

/** rows: {row number: [cells]}, or an array from row 1. `extra` replaces or adds parts. */
export function xlsx(rows, { name = "Usage", extra = {}, sheets } = {}) {
	const shared = [];
	const list = Array.isArray(rows) ? rows.map((cells, i) => [i + 1, cells]) : Object.entries(rows);
	const body = list
		.map(([n, cells]) => `<row r="${n}">${cells.map((c, i) => cell(c, column(i) + n, shared)).join("")}</row>`)
		.join("");
	const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
	const rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
	return zip({
		"[Content_Types].xml": "<Types/>",
		"xl/workbook.xml": `<workbook xmlns="${main}" xmlns:r="${rel}"><sheets>${
			sheets ?? `<sheet name="${name}" sheetId="1" r:id="rId1"/>`
		}</sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/styles.xml": `<styleSheet xmlns="${main}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`,
		"xl/sharedStrings.xml": `<sst xmlns="${main}">${shared.map((s) => `<si><t>${escaped(s)}</t></si>`).join("")}</sst>`,
		"xl/worksheets/sheet1.xml": `<worksheet xmlns="${main}"><sheetData>${body}</sheetData></worksheet>`,
		...extra,
	});
}
