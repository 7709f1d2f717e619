import { Component, type ReactNode } from "react";
import { t } from "../i18n";
import { Button, Empty } from "../ui";

/** A page that breaks leaves the frame standing. */
export class Boundary extends Component<{ children: ReactNode }, { broken: boolean }> {
	override state = { broken: false };
	static getDerivedStateFromError() {
		return { broken: true };
	}
	override render() {
		if (!this.state.broken) return this.props.children;
		return (
			<Empty
				icon="warning"
				title={t("error.crash")}
				action={<Button onPress={() => location.reload()}>{t("error.reload")}</Button>}
			>
				{t("error.crash_detail")}
			</Empty>
		);
	}
}
