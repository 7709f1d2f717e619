// A mail relay that keeps what it gets.
import { createServer } from "node:net";

/** {mails: [{lines, to}], url, stop()} */
export function startRelay() {
	const mails = [];
	const listener = createServer((socket) => {
		let text = "", data = false;
		socket.write("220 relay\r\n");
		socket.on("error", () => {});
		socket.on("data", (chunk) => {
			text += chunk;
			for (let end; (end = text.indexOf("\r\n")) >= 0; text = text.slice(end + 2)) {
				const line = text.slice(0, end);
				if (data) {
					data = line !== ".";
					if (data) mails[mails.length - 1].lines.push(line);
					else socket.write("250 taken\r\n");
				} else if (line.startsWith("DATA")) {
					data = true;
					mails.push({ lines: [], to: socket.to });
					socket.write("354 go on\r\n");
				} else {
					if (line.startsWith("RCPT")) (socket.to ??= []).push(line);
					socket.write("250 fine\r\n");
				}
			}
		});
	});
	return new Promise((done) =>
		listener.listen(0, "127.0.0.1", () =>
			done({ mails, url: `smtp://127.0.0.1:${listener.address().port}`, stop: () => listener.close() }),
		),
	);
}
