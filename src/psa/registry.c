/* The kinds of business system this program knows. */
#include "psa/registry.h"

#include <stdio.h>
#include <string.h>

static const struct psa_ops *const kinds[] = {
	&psa_alga,
	&psa_autotask,
	&psa_connectwise,
	&psa_files,
	&psa_halo,
	&psa_itflow,
	&psa_kaseya_bms,
	&psa_pulseway,
	&psa_superops,
	&psa_syncro,
};

const struct psa_ops *psa_find(const char *kind)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (strcmp(kinds[i]->kind, kind) == 0)
			return kinds[i];
	}
	return NULL;
}

const struct psa_ops *psa_at(size_t i)
{
	return i < ARRAY_LEN(kinds) ? kinds[i] : NULL;
}

static enum rc check_known(const struct psa_ops *ops, const struct json *member, struct err *e)
{
	const struct psa_setting *s = ops->settings;
	char pointer[160];

	while (s->name && strcmp(s->name, member->key) != 0)
		s++;
	snprintf(pointer, sizeof(pointer), "/settings/%s", member->key);
	if (!s->name)
		return err_at(e, RC_INVALID, pointer, "%s has no setting \"%s\".", ops->name, member->key);
	if (member->type == JSON_OBJECT || member->type == JSON_ARRAY)
		return err_at(e, RC_INVALID, pointer, "%s must be a text.", s->label);
	return RC_OK;
}

enum rc psa_settings_check(const struct psa_ops *ops, const struct json *settings, struct err *e)
{
	char pointer[160];

	if (!json_is(settings, JSON_OBJECT))
		return err_at(e, RC_INVALID, "/settings", "settings must be an object.");
	for (const struct json *m = settings->child; m; m = m->next) {
		enum rc rc = check_known(ops, m, e);

		if (rc != RC_OK)
			return rc;
	}
	for (const struct psa_setting *s = ops->settings; s->name; s++) {
		const char *value = json_scalar(json_get(settings, s->name));

		snprintf(pointer, sizeof(pointer), "/settings/%s", s->name);
		if (s->required && (!value || !*value))
			return err_at(e, RC_INVALID, pointer, "%s is missing. %s", s->label, s->help ? s->help : "");
	}
	return RC_OK;
}
