import { t } from "../../i18n";
import { Chip, type Tone } from "../../ui";
import type { ImportState } from "./data";

const TONES: Record<ImportState, Tone> = {
	uploaded: "warn",
	ready: "warn",
	running: "accent",
	done: "good",
	failed: "bad",
};

export const StateChip = ({ state }: { state: ImportState }) => (
	<Chip tone={TONES[state]}>{t(`imports.state.${state}`)}</Chip>
);
