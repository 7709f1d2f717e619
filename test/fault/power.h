/* power.h - a disk that can lose its power, as an SQLite VFS over the ordinary one.
 *
 * It keeps what was written since the last sync of each file. At the cut, every 512-byte sector of those writes
 * is kept or lost by chance, and the process ends at once: what a disk with a cache may do.
 */
#ifndef TEST_POWER_H
#define TEST_POWER_H

#include <stdbool.h>

/* Every store of this process is on that disk from now on. The power goes at the `cut`-th write, truncation or sync (0
 * = never); `seed` chooses what is lost. A disk that lies says "synced" and is not. The process ends with status 9. */
void power_install(unsigned cut, unsigned seed, bool lies);
/* Writes, truncations and syncs number `from` to `until` - 1 fail with an SQLite code; `until` 0 = no more. */
void power_fail(unsigned from, unsigned until, int code);
/* How many there have been. */
unsigned power_events(void);

#endif
