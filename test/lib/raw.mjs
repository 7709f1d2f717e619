// Requests as bytes: for what no HTTP client would send.
import { connect } from "node:net";

/**
 * Sends `pieces` (texts or buffers, one after another with a short pause) and collects until the server closes or
 * `ms` have passed without a byte. Gives {text, closed, answers: [{status, headers, body}]}.
 */
export function raw(url, pieces, { ms = 1500, pause = 20 } = {}) {
	const { hostname, port } = new URL(url);
	return new Promise((done) => {
		const socket = connect({ host: hostname, port: Number(port) });
		const chunks = [];
		let closed = false;
		let timer = setTimeout(finish, ms);
		function finish() {
			clearTimeout(timer);
			socket.destroy();
			const text = Buffer.concat(chunks).toString("latin1");
			done({ text, closed, answers: parse(text) });
		}
		socket.on("data", (d) => {
			chunks.push(d);
			clearTimeout(timer);
			timer = setTimeout(finish, ms);
		});
		socket.on("error", () => {});
		socket.on("close", () => {
			closed = true;
			finish();
		});
		socket.on("connect", async () => {
			for (const piece of [].concat(pieces)) {
				socket.write(Buffer.isBuffer(piece) ? piece : Buffer.from(piece, "latin1"));
				await new Promise((r) => setTimeout(r, pause));
			}
		});
	});
}

function parse(text) {
	const answers = [];
	let rest = text;
	for (;;) {
		const end = rest.indexOf("\r\n\r\n");
		const line = /^HTTP\/1\.[01] (\d{3})/.exec(rest);
		if (end < 0 || !line) return answers;
		const headers = {};
		for (const h of rest.slice(0, end).split("\r\n").slice(1)) {
			const colon = h.indexOf(":");
			headers[h.slice(0, colon).toLowerCase()] = h.slice(colon + 1).trim();
		}
		const length = Number(headers["content-length"] ?? 0);
		answers.push({ status: Number(line[1]), headers, body: rest.slice(end + 4, end + 4 + length) });
		rest = rest.slice(end + 4 + length);
	}
}
