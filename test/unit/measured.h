/* measured.h - what a test counted, for docs/operate/promise.md (tools/promise). */
#ifndef TEST_MEASURED_H
#define TEST_MEASURED_H

/* Notes, in the file that TRUEUP_RESULTS names, that `count` of `what` held. Call it after the last assertion. */
void measured(const char *what, long count);

#endif
