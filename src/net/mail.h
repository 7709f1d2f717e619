/* mail.h - outbound mail over SMTP. The server's operator names the relay, so no host rule applies to it. */
#ifndef NET_MAIL_H
#define NET_MAIL_H

#include "base/clock.h"

struct mail {
	const char *smtp_url;		/* "smtp://host:587", "smtps://user:password@host" */
	const char *from;		/* "a@b" or "Name <a@b>" */
	const char *const *to;		/* plain addresses, NULL-ended, at least one */
	const char *subject, *text;	/* UTF-8; lines end in \n */
};

/* Sends one message to all. RC_INVALID: an address cannot be used. RC_REMOTE: the relay did not take it, in words
 * without its password. An address that the relay refuses does not keep it from the others. A user name in the URL is
 * sent over TLS only. */
enum rc mail_send(const struct mail *m, struct err *e) MUST_CHECK;

/* The message as it is sent (RFC 5322, all ASCII, CRLF), in the arena. */
char *mail_format(struct arena *a, const struct mail *m, utime now, const char *message_id);
/* The address in "Name <a@b>", in the arena; NULL when there is none that can be used. */
char *mail_address(struct arena *a, const char *text);

#endif
