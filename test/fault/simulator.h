/* simulator.h - a simulated ConnectWise of our own, and a connector that talks to it. */
#ifndef TEST_FAULT_SIMULATOR_H
#define TEST_FAULT_SIMULATOR_H

#include "net/httpc.h"
#include "psa/psa.h"

#include <sys/types.h>

struct simulator {
	pid_t pid;
	char url[80];
	struct httpc *http;
	struct arena arena;
	char note[8192];	/* what the connector journalled last, "" = nothing */
	int notes;		/* how often it did */
	int fail_note;		/* the journal fails at this note, 1 = the first; 0 = never */
};

/* Starts build/trueup-sim on a fixture file of sim/fixtures. Fails the test when it does not start. */
void simulator_start(struct simulator *s, const char *fixture);
/* The same, of another system than ConnectWise. */
void simulator_start_system(struct simulator *s, const char *system, const char *fixture);
void simulator_stop(struct simulator *s);

/* A control call; `body` NULL is a GET. */
const struct json *simulator_call(struct simulator *s, const char *path, const char *body);
/* Faults and edits, as JSON. */
void simulator_fault(struct simulator *s, const char *json);
void simulator_edit(struct simulator *s, const char *json);
/* Ends the faults; the ledger stays. */
void simulator_well(struct simulator *s);
/* Forgets ledger, counts and faults. */
void simulator_forget(struct simulator *s);
/* The record with that id of a kind ("additions"), as it truly is; NULL when there is none. */
const struct json *simulator_record(struct simulator *s, const char *kind, const char *id);
/* Changes truly made with a method since the ledger was cleared. */
int simulator_changes(struct simulator *s, const char *method);

/* A connection with the keys of the small fixture; time-out of calls in milliseconds. */
struct psa_conn *simulator_connect(struct simulator *s, int timeout_ms);
/* The same with the keys of another fixture: "Small" or "Demo"; any other is not let in. */
struct psa_conn *simulator_connect_as(struct simulator *s, const char *who, int timeout_ms);
/* A connection of any kind, with settings as JSON text. */
struct psa_conn *simulator_open(struct simulator *s, const char *kind, const char *settings, int timeout_ms);
/* A change whose journal goes to s->note. */
struct psa_change simulator_change(struct simulator *s, enum psa_change_kind kind);
/* The day before the next invoice of the fixtures. */
day simulator_billed_through(void);

#endif
