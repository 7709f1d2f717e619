/* session.h - what a browser gets when somebody has just signed in. */
#ifndef API_SESSION_H
#define API_SESSION_H

#include "api/route.h"
#include "core/people/signin.h"

/* Sets the cookies and writes {"user","organization"}. */
void session_answer(struct call *c, const struct signed_in *in);
/* The cookies alone. */
void session_cookies(struct call *c, const struct signed_in *in);
/* The store's key of the session that the browser sent along, which ends when it signs in anew; or NULL. */
const char *session_old(struct call *c);
/* Cookies go over https only when that is how people reach this server. */
bool session_secure(const struct call *c);

#endif
