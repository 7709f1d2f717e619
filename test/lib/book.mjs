// A PSA with as many customers as a test wants, "Customer 1" to "Customer N", each with one line of CORO-EDR: agreement
// 2000 + i, addition 3000 + i, quantity i.

export function manyLines(count) {
	const ids = Array.from({ length: count }, (_, i) => i + 1);
	return {
		connectwise: {
			settings: {
				company: "alderridge",
				codebase: "v2025_1/",
				public_key: "pubSmall00000001",
				private_key: "prvSmall00000001",
			},
			companyStatuses: [{ id: 1, name: "Active", defaultFlag: true }],
			companyTypes: [{ id: 1, name: "Client" }],
			billingCycles: [{ id: 2, identifier: "M", name: "Monthly", defaultFlag: true }],
			agreementTypes: [{ id: 5, name: "Managed Services", defaultFlag: true }],
			unitOfMeasures: [{ id: 1, name: "Each", defaultFlag: true }],
			catalog: [{ id: 901, identifier: "CORO-EDR", description: "Coro EDR", productClass: "Agreement", price: 6 }],
			companies: ids.map((i) => ({ id: 1000 + i, identifier: `C${i}`, name: `Customer ${i}`, types: [{ id: 1 }] })),
			agreements: ids.map((i) => ({
				id: 2000 + i,
				name: "Managed",
				type: { id: 5 },
				company: { id: 1000 + i },
				billingCycle: { id: 2 },
				startDate: "2024-01-01T00:00:00Z",
				prorateFlag: true,
			})),
			additions: ids.map((i) => ({
				id: 3000 + i,
				agreementId: 2000 + i,
				product: { id: 901 },
				quantity: i,
				effectiveDate: "2024-01-01T00:00:00Z",
			})),
		},
	};
}
