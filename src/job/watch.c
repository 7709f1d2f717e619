#include "job/watch.h"

#include "base/log.h"
#include "core/alarm.h"

#include <sys/statvfs.h>

struct watch {
	const struct runner_config *config;
	struct arena arena;
	struct alarm_look *looks;
	const struct alarm_look *one;
};

static enum rc look_fn(struct tx *tx, void *arg, struct err *e)
{
	struct watch *w = arg;

	return alarm_look(tx, &w->arena, &w->looks, e);
}

static int64_t free_mb(const char *dir)
{
	struct statvfs fs;

	if (!dir || statvfs(dir, &fs) != 0)
		return -1;
	return (int64_t)((unsigned long long)fs.f_bavail * fs.f_frsize >> 20);
}

static const char *mail_text(struct arena *a, const struct alarm_news *n)
{
	AUTO(buf) b = BUF_INIT(64 * 1024);
	struct jsonw w;

	jsonw_init(&w, &b, 0);
	jsonw_object(&w);
	jsonw_kv(&w, "subject",
		arena_printf(a, "Trueup: %s (%s)", n->begins ? "needs attention" : "is well again", n->name));
	jsonw_kv(&w, "text", n->begins ? n->detail : "What was told before is over.");
	jsonw_end_object(&w);
	return arena_strdup(a, buf_text(&b));
}

static enum rc tell(struct tx *tx, const struct watch *w, const struct alarm_news *n, struct err *e)
{
	log_event(n->begins ? LOG_WARN : LOG_INFO, n->begins ? "alarm" : "alarm_over", "name", n->name, "org",
		w->one->org, n->detail ? "detail" : NULL, n->detail, NULL);
	if (!w->config->smtp_url)
		return RC_OK;
	return job_enqueue(tx, w->one->org, JOB_NOTIFY, mail_text(tx_arena(tx), n), NULL, 0, "trueup", NULL, e);
}

static enum rc judge_fn(struct tx *tx, void *arg, struct err *e)
{
	struct watch *w = arg;
	struct alarm_news news[ALARM_MAX];
	size_t count;
	enum rc rc = alarm_judge(tx, w->one, news, &count, e);

	for (size_t i = 0; i < count && rc == RC_OK; i++)
		rc = tell(tx, w, &news[i], e);
	if (rc == RC_OK && count)
		event_tell(tx, w->one->org, "alarms", "{\"what\":\"changed\"}");
	return rc;
}

enum rc watch_tick(const struct runner_config *config, struct err *e)
{
	struct watch w = { .config = config };
	int64_t mb = free_mb(config->data_dir);
	enum rc rc = db_read(config->db, look_fn, &w, e);

	for (struct alarm_look *l = w.looks; l && rc == RC_OK; l = l->next) {
		l->free_mb = mb;
		w.one = l;
		rc = db_write(config->db, judge_fn, &w, e);
	}
	arena_release(&w.arena);
	return rc;
}
