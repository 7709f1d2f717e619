import { ProgressBar as AriaProgress } from "react-aria-components";
import { cx } from "./cx";

export function Progress({
	label,
	value,
	max,
	hideLabel,
}: {
	label: string;
	value: number;
	max: number;
	hideLabel?: boolean;
}) {
	const known = max > 0;
	return (
		<AriaProgress
			value={known ? Math.min(value, max) : 0}
			maxValue={known ? max : 100}
			isIndeterminate={!known}
			className="progress"
			aria-label={label}
		>
			{({ percentage, valueText }) => (
				<>
					{!hideLabel && (
						<span className="progress-label">
							<span>{label}</span>
							<span className="muted">{known ? valueText : ""}</span>
						</span>
					)}
					<span className="progress-track">
						<span
							className={cx("progress-fill", !known && "progress-unknown")}
							style={known ? { width: `${percentage ?? 0}%` } : {}}
						/>
					</span>
				</>
			)}
		</AriaProgress>
	);
}
