/* backup.c - sealing, checking and bringing back the file of a backup. */
#include "db/backup.h"
#include "db/copy.h"
#include "db/tx.h"

#include "base/codec.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The last line: a head of fixed length, 64 hex digits over all before them, a line end. */
#define HEAD_FORMAT "\ntrueup-backup 1 from=%-8s schema=%06d made=%020" PRId64 " sha256="
enum { HEAD = 78, SEAL = HEAD + 64 + 1, PIECE = 1 << 20 };

struct seal {
	char head[HEAD + 1];
	char hash[HASH_TEXT];
};

static const char *const engine_names[] = { [DB_SQLITE] = "sqlite", [DB_POSTGRES] = "postgres" };

static void make_head(char out[HEAD + 1], const struct backup_info *info)
{
	if (snprintf(out, HEAD + 1, HEAD_FORMAT, engine_names[info->from], info->schema, info->made_at) != HEAD)
		BUG("the head of a backup's seal does not have its length");
}

static enum rc file_err(const char *path, struct err *e)
{
	return err_set(e, RC_IO, "%s cannot be read or written (%s).", path, strerror(errno));
}

/* SHA-256 over the first `bytes` of the file and then `head`. */
static enum rc hash_file(int fd, int64_t bytes, const char *head, char out[HASH_TEXT], const char *path, struct err *e)
{
	unsigned char digest[crypto_hash_sha256_BYTES], *piece = xmalloc(PIECE);
	crypto_hash_sha256_state state;
	int64_t at = 0;
	ssize_t got = 1;

	crypto_hash_sha256_init(&state);
	for (; at < bytes && got > 0; at += got) {
		got = pread(fd, piece, bytes - at < PIECE ? (size_t)(bytes - at) : PIECE, at);
		if (got > 0)
			crypto_hash_sha256_update(&state, piece, (size_t)got);
	}
	free(piece);
	if (got <= 0)
		return file_err(path, e);
	crypto_hash_sha256_update(&state, (const unsigned char *)head, HEAD);
	crypto_hash_sha256_final(&state, digest);
	hex_encode(digest, sizeof(digest), out);
	return RC_OK;
}

/* ---- making ---- */

static enum rc write_seal(int fd, const char *path, struct backup_info *info, struct err *e)
{
	char text[SEAL + 1], hash[HASH_TEXT];
	struct stat st;
	enum rc rc;

	if (fstat(fd, &st) != 0)
		return file_err(path, e);
	make_head(text, info);
	rc = hash_file(fd, st.st_size, text, hash, path, e);
	if (rc != RC_OK)
		return rc;
	memcpy(text + HEAD, hash, 64);
	text[SEAL - 1] = '\n';
	info->bytes = st.st_size + SEAL;
	if (pwrite(fd, text, SEAL, st.st_size) != SEAL || fsync(fd) != 0)
		return file_err(path, e);
	return RC_OK;
}

static enum rc seal(const char *path, struct backup_info *info, struct err *e)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	enum rc rc;

	if (fd < 0)
		return file_err(path, e);
	rc = write_seal(fd, path, info, e);
	close(fd);
	return rc;
}

/* A new name is on disk when its folder is. */
static enum rc sync_folder(const char *path, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	const char *slash = strrchr(path, '/');
	const char *folder = slash ? arena_strndup(&a, path, (size_t)(slash - path) + 1) : ".";
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int code = fd >= 0 ? fsync(fd) : -1;

	if (fd >= 0)
		close(fd);
	return code == 0 ? RC_OK : file_err(folder, e);
}

static int newest_schema(void)
{
	const struct schema_step *s = schema_steps;

	while (s[1].name)
		s++;
	return s->number;
}

static enum rc make(const char *url, const char *part, const char *path, struct backup_info *info, struct err *e)
{
	enum rc rc;

	rc = info->from == DB_SQLITE ? lite_copy_out(url, part, e) : pg_copy_out(url, part, e);
	if (rc == RC_OK)
		rc = seal(part, info, e);
	if (rc == RC_OK && rename(part, path) != 0)
		rc = file_err(path, e);
	return rc == RC_OK ? sync_folder(path, e) : rc;
}

static enum rc make_new(const char *url, const char *path, struct backup_info *info, struct err *e)
{
	AUTO(arena) a = ARENA_INIT;
	const char *part = arena_printf(&a, "%s.part", path);
	struct stat st;
	enum rc rc;

	if (lstat(path, &st) == 0)
		return err_set(e, RC_CONFLICT, "%s exists. Name a new file.", path);
	unlink(part);
	rc = make(url, part, path, info, e);
	if (rc != RC_OK)
		unlink(part);
	return rc;
}

enum rc db_backup(struct db *db, const char *path, struct backup_info *ret_info, struct err *e)
{
	*ret_info = (struct backup_info){ .made_at = clock_now(), .schema = newest_schema(), .from = db_engine(db) };
	return make_new(db->url, path, ret_info, e);
}

enum rc db_backup_as_it_is(const char *url, int schema, const char *path, struct backup_info *ret_info, struct err *e)
{
	bool lite = strncmp(url, "sqlite:", 7) == 0;

	*ret_info = (struct backup_info){
		.made_at = clock_now(), .schema = schema, .from = lite ? DB_SQLITE : DB_POSTGRES
	};
	return make_new(url, path, ret_info, e);
}

/* ---- checking ---- */

static enum rc not_a_backup(const char *path, struct err *e)
{
	return err_set(e, RC_INVALID, "%s is not a backup of this program, or its end is missing.", path);
}

/* Takes the seal apart; putting it together again must give the same bytes. */
static enum rc read_seal(int fd, const char *path, struct backup_info *info, struct seal *s, struct err *e)
{
	char engine[9], again[HEAD + 1];
	struct stat st;

	if (fstat(fd, &st) != 0)
		return file_err(path, e);
	info->bytes = st.st_size;
	if (st.st_size <= SEAL || pread(fd, s->head, HEAD, st.st_size - SEAL) != HEAD ||
		pread(fd, s->hash, 64, st.st_size - 65) != 64)
		return not_a_backup(path, e);
	s->head[HEAD] = s->hash[64] = '\0';
	if (sscanf(s->head, "\ntrueup-backup 1 from=%8s schema=%6d made=%20" SCNd64, engine, &info->schema,
		    &info->made_at) != 3)
		return not_a_backup(path, e);
	info->from = strcmp(engine, "postgres") == 0 ? DB_POSTGRES : DB_SQLITE;
	if (info->schema < 0 || info->schema > 999999 || info->made_at < 0)
		return not_a_backup(path, e);
	make_head(again, info);
	return strcmp(again, s->head) == 0 ? RC_OK : not_a_backup(path, e);
}

static enum rc check_fd(int fd, const char *path, struct backup_info *info, struct err *e)
{
	char hash[HASH_TEXT], last;
	struct seal s;
	enum rc rc;

	rc = read_seal(fd, path, info, &s, e);
	if (rc == RC_OK)
		rc = hash_file(fd, info->bytes - SEAL, s.head, hash, path, e);
	if (rc == RC_OK && (strcmp(hash, s.hash) != 0 || pread(fd, &last, 1, info->bytes - 1) != 1 || last != '\n'))
		rc = err_set(e, RC_INVALID, "%s has been damaged since it was made. Use another backup.", path);
	return rc;
}

enum rc db_backup_check(const char *path, struct backup_info *ret_info, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum rc rc;

	if (fd < 0)
		return file_err(path, e);
	rc = check_fd(fd, path, ret_info, e);
	close(fd);
	return rc;
}

/* ---- bringing back ---- */

enum rc db_restore(const char *path, const char *url, struct backup_info *ret_info, struct err *e)
{
	enum rc rc = db_backup_check(path, ret_info, e);

	if (rc != RC_OK)
		return rc;
	if (ret_info->schema > newest_schema())
		return err_set(e, RC_INVALID,
			"%s was made by a newer version of this program (schema step %d). Restore it with that "
			"version.",
			path, ret_info->schema);
	if (strncmp(url, "sqlite:", 7) != 0)
		return pg_copy_in(path, url, e);
	rc = lite_copy_in(path, ret_info->bytes - SEAL, url, e);
	return rc == RC_OK ? sync_folder(url + strlen("sqlite:"), e) : rc;
}
