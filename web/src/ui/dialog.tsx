import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { t } from "../i18n";
import { Button, IconButton, type Variant } from "./button";
import { cx } from "./cx";

/** A dialog over the page, or with `drawer` a sheet at its right edge. `footer` stays visible while the body scrolls. */
export function Dialog({
	title,
	isOpen,
	onClose,
	children,
	footer,
	size = "medium",
	drawer = false,
	alert = false,
	keep = false,
	header,
}: {
	title: string;
	isOpen: boolean;
	onClose: () => void;
	children: ReactNode;
	footer?: ReactNode;
	size?: "small" | "medium" | "large";
	drawer?: boolean;
	alert?: boolean;
	/** Only its own buttons close it. */
	keep?: boolean;
	header?: ReactNode;
}) {
	return (
		<ModalOverlay
			className={cx("overlay", drawer && "overlay-drawer")}
			isOpen={isOpen}
			onOpenChange={(open) => !open && onClose()}
			isDismissable={!keep && !alert}
			isKeyboardDismissDisabled={keep}
		>
			<Modal className={cx(drawer ? "drawer" : "modal", `modal-${size}`)}>
				<AriaDialog className="dialog" role={alert ? "alertdialog" : "dialog"}>
					<header className="dialog-header">
						<div className="dialog-titles">
							<Heading slot="title" className="dialog-title">
								{title}
							</Heading>
							{header}
						</div>
						{!keep && <IconButton icon="x" label={t("action.close")} onPress={onClose} slot={null} />}
					</header>
					<div className="dialog-body">{children}</div>
					{footer && <footer className="dialog-footer">{footer}</footer>}
				</AriaDialog>
			</Modal>
		</ModalOverlay>
	);
}

/** Asks before something that is hard to take back. */
export function Confirm({
	title,
	isOpen,
	onClose,
	onConfirm,
	action,
	variant = "danger",
	isPending = false,
	children,
}: {
	title: string;
	isOpen: boolean;
	onClose: () => void;
	onConfirm: () => void;
	action: string;
	variant?: Variant;
	isPending?: boolean;
	children: ReactNode;
}) {
	return (
		<Dialog
			title={title}
			isOpen={isOpen}
			onClose={onClose}
			size="small"
			alert
			footer={
				<>
					<Button onPress={onClose} autoFocus>
						{t("action.cancel")}
					</Button>
					<Button variant={variant} onPress={onConfirm} isPending={isPending}>
						{action}
					</Button>
				</>
			}
		>
			{children}
		</Dialog>
	);
}
