export const integrations = {
	"integrations.configure": "Configure",
	"integration.state.inactive": "Waiting for the vendor",
	"integration.state.pending": "Pending",
	"integration.state.active": "Connected",
	"integration.state.disabled": "Disconnected",
	"integration.state.error": "Error",
} as const;
