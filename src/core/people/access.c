#include "core/people/access.h"

#include <string.h>

static const char *const names[] = {
	[ROLE_NONE] = "none",
	[ROLE_VIEWER] = "viewer",
	[ROLE_APPROVER] = "approver",
	[ROLE_ADMIN] = "admin",
};

const char *role_name(enum role role)
{
	return names[role];
}

enum role role_parse(const char *word)
{
	for (enum role r = ROLE_VIEWER; word && r <= ROLE_ADMIN; r++)
		if (strcmp(names[r], word) == 0)
			return r;
	return ROLE_NONE;
}

bool scope_allows(const char *scopes, const char *noun, bool change)
{
	size_t want = strlen(noun), len;

	if (!scopes)
		return true;
	for (const char *p = scopes; *p; p += len + (p[len] == ' ')) {
		len = strcspn(p, " ");
		if (strncmp(p, noun, want) != 0 || len < want)
			continue;
		if (len == want || (!change && len == want + 5 && strncmp(p + want, ":read", 5) == 0))
			return true;
	}
	return false;
}
