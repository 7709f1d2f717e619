// Where a file is dropped, or chosen with a button that the keyboard reaches.
import { Button as AriaButton, DropZone, FileTrigger, Text } from "react-aria-components";
import { t } from "../i18n";
import { Icon } from "./icons";

export function FileDrop({
	title,
	help,
	types,
	sending,
	onFile,
}: {
	title: string;
	help: string;
	/** Endings, ".csv". */
	types: string[];
	/** Name of the file that is on its way; null when none is. */
	sending: string | null;
	onFile: (file: File) => void;
}) {
	const take = (file: File | null | undefined) => file && sending === null && onFile(file);
	return (
		<DropZone
			className="drop"
			aria-label={title}
			getDropOperation={() => (sending === null ? "copy" : "cancel")}
			onDrop={async (e) => {
				const first = e.items.find((i) => i.kind === "file");
				take(first?.kind === "file" ? await first.getFile() : null);
			}}
		>
			<Icon name="upload" size={28} />
			<Text slot="label" className="drop-title">
				{sending === null ? title : t("drop.sending", { name: sending })}
			</Text>
			<p className="small muted">{help}</p>
			<FileTrigger acceptedFileTypes={types} onSelect={(files) => take(files?.[0])}>
				<AriaButton className="button button-primary" isPending={sending !== null}>
					{sending !== null && <span className="spinner" aria-hidden="true" />}
					<span className="button-label">{t("drop.choose")}</span>
				</AriaButton>
			</FileTrigger>
		</DropZone>
	);
}
