/* hostrule.h - where this server may connect to.
 *
 * A settings page takes addresses from people, and an answer may name one too; neither may turn the server
 * into a door to the network it stands in. Unless private remotes are allowed, only https and only public
 * addresses are reached. The text is judged first, for a good sentence; what counts is the address that
 * the name resolved to, judged again at the moment of connecting.
 */
#ifndef NET_HOSTRULE_H
#define NET_HOSTRULE_H

#include "base/err.h"

struct sockaddr;

/* True when packets to the address leave for the public internet. IPv4 inside IPv6 is judged as IPv4. */
bool hostrule_is_public(const struct sockaddr *address);

/* Judges an absolute URL: scheme, no user and password in it, and the host when it is an address in any spelling
 * (decimal, octal, hexadecimal, IPv6, mapped). RC_INVALID says what is wrong. With `allow_private` private
 * addresses pass, and plain http does too, which hostrule_may_connect() then limits to them. */
enum rc hostrule_check(const char *url, bool allow_private, struct err *e) MUST_CHECK;

/* The rule at connect time. Plain http never goes to a public address: keys would travel in the open. */
bool hostrule_may_connect(const struct sockaddr *address, bool allow_private, bool plain);

/* True when both URLs have the same scheme, host and port. */
bool hostrule_same_origin(const char *a, const char *b);

#endif
