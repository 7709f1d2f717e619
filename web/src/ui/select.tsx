// One of several, in a list that opens. The closed box is all that a page needs at first; left and right go through the
// choices without opening it, and typing goes to the one that begins so.
import { type ReactNode, useId, useRef } from "react";
import { Button, Label } from "react-aria-components";
import { cx } from "./cx";
import { Icon } from "./icons";
import { later } from "./later";
import { useOpener } from "./opener";

export type Option<K extends string = string> = { id: K; label: string; detail?: string };

const Popup = later(() => import("./selectPopup").then((m) => m.SelectPopup));

const TYPING_MS = 1000;

/** What has been typed in one go, after this key. */
function useTyped() {
	const typed = useRef({ text: "", at: 0 });
	return (key: string) => {
		const now = performance.now();
		const { text, at } = typed.current;
		typed.current = { text: now - at < TYPING_MS ? text + key : key, at: now };
		return typed.current.text.toLowerCase();
	};
}

export function Select<K extends string>({
	label,
	inline,
	hideLabel,
	options,
	value,
	onChange,
	help,
	error,
	className,
	isDisabled = false,
}: {
	label: string;
	/** The label before the box instead of above it. */
	inline?: boolean;
	hideLabel?: boolean;
	options: Option<K>[];
	value: K;
	onChange: (value: K) => void;
	help?: ReactNode;
	error?: string | undefined;
	className?: string;
	isDisabled?: boolean;
}) {
	const id = useId();
	const typed = useTyped();
	const at = options.findIndex((o) => o.id === value);
	const pick = (next: Option<K> | undefined) => {
		if (next && next.id !== value) onChange(next.id);
	};
	const onKey = (key: string) => {
		if (key === "ArrowLeft") pick(options[at - 1]);
		else if (key === "ArrowRight") pick(options[at + 1]);
		else if (key.length === 1 && key !== " ") {
			const text = typed(key);
			const found = options.find((o) => o.label.toLowerCase().startsWith(text));
			if (!found) return false;
			pick(found);
		} else return false;
		return true;
	};
	const { button, popup, opened, at: end, close } = useOpener("listbox", Popup.preload, onKey);
	const said = error || help;
	return (
		<div className={cx("field", inline && "field-inline", className)} data-invalid={error ? "" : undefined}>
			<Label
				id={`${id}-label`}
				elementType="span"
				className={hideLabel ? "visually-hidden" : inline ? "select-prefix" : "field-label"}
				onClick={() => popup.triggerRef.current?.focus()}
			>
				{label}
			</Label>
			<Button
				{...button}
				className="input select-button"
				isDisabled={isDisabled}
				aria-labelledby={`${id}-value ${id}-label`}
				{...(said ? { "aria-describedby": `${id}-said` } : {})}
			>
				<span id={`${id}-value`} className="select-value">
					{options[at]?.label ?? ""}
				</span>
				<Icon name="down" size={16} />
			</Button>
			{said && (
				<span id={`${id}-said`} className={error ? "field-error" : "field-help"}>
					{said}
				</span>
			)}
			{opened && (
				<Popup
					{...popup}
					labelledBy={`${id}-label`}
					autoFocus={end}
					options={options}
					value={value}
					onPick={(picked) => {
						close();
						pick(options.find((o) => o.id === picked));
					}}
				/>
			)}
		</div>
	);
}
