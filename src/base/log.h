/* log.h - one JSON line an event on stderr: {"at":...,"level":...,"event":...,...}.
 *
 * Only the request loop, the job loop and main log. No secret is ever passed here.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/mem.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

void log_set_level(enum log_level level);
/* Key/value pairs of texts, ended by NULL: log_event(LOG_INFO, "job_done", "job", id, NULL). */
void log_event(enum log_level level, const char *event, ...) __attribute__((sentinel));

#endif
