/* store.h - what a simulated system with plain records remembers: arrays of objects by kind, each with an "id".
 *
 * The fixture's arrays are taken in as they are. /_edit changes them: {"kind","id","set":{..}}, {"kind","id",
 * "delete":true} or {"kind","insert":{..}}; /_state shows them. A value null in "set" stays as null.
 */
#ifndef SIM_STORE_H
#define SIM_STORE_H

#include "sim.h"

enum rc store_open(struct sim *s, const struct json *fixture, struct err *e);
void store_close(struct sim *s);
enum rc store_edit(struct sim *s, const struct json *what, struct err *e);
void store_state(struct sim *s, struct jsonw *w);

/* The array of a kind, made when there is none. */
struct node *store_rows(struct sim *s, const char *kind);
/* NULL: no such record. */
struct node *store_find(struct sim *s, const char *kind, const char *id);
/* Takes `row` over and gives it the next number when it has no id. */
struct node *store_insert(struct sim *s, const char *kind, struct node *row);
void store_delete(struct sim *s, const char *kind, const char *id);
/* True when the texts of both members are the same. */
bool store_is(const struct node *row, const char *member, const char *value);
/* A member of the fixture's settings. */
const char *store_setting(const struct sim *s, const char *name, const char *fallback);
bool store_flag(const struct sim *s, const char *name);
/* True when the array `name` of the settings holds the text: "deny". */
bool store_among(const struct sim *s, const char *name, const char *text);
/* False with setting "rate_limit" when more requests came within a minute. */
bool store_within_rate(struct sim *s);

#endif
