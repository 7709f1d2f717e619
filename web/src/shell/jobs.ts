import type { Job } from "../api/types";

export const isRunning = (j: Job) => j.state === "queued" || j.state === "running";
