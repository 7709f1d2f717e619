/* halo.h - the two halves of the HaloPSA simulator: what is read, and what is written. */
#ifndef SIM_HALO_H
#define SIM_HALO_H

#include "store.h"

/* {"Message":"text"}, or another of the shapes that the real one answers with. */
void halo_error(struct sim *s, struct answer *w, int status, const char *text);
/* An object, or a list of it where the setting "answer" is "array". */
void halo_saved(struct sim *s, struct answer *w, const struct node *row);
/* True when HaloPSA counts the line by itself. */
bool halo_automatic(const struct node *line);

void halo_post_template(struct sim *s, struct request *r, struct answer *w);
void halo_post_lines(struct sim *s, struct request *r, struct answer *w, bool change);
void halo_process(struct sim *s, struct request *r, struct answer *w);
void halo_post_items(struct sim *s, struct request *r, struct answer *w);
void halo_post_ticket(struct sim *s, struct request *r, struct answer *w);

#endif
