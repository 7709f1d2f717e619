/* driver.c - runs a fuzz target without libFuzzer: every kept input, and then a fixed number of inputs made from them
 * by a fixed seed, so that each run is the same.
 *
 *     NAME_fuzz SEEDS-FOLDER RUNS
 */
#include "fuzz.h"

#include <dirent.h>
#include <string.h>

enum { SEEDS_MAX = 256, INPUT_MAX = 8192 };

struct input {
	uint8_t data[INPUT_MAX];
	size_t len;
};

static struct input *seeds[SEEDS_MAX];
static unsigned seed_count;
static uint64_t state = 0x9e3779b97f4a7c15;

static size_t below(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return n ? (size_t)(state >> 11) % n : 0;
}

static void read_seed(const char *folder, const char *name)
{
	char path[1024];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "rb");
	if (!f || seed_count == SEEDS_MAX)
		abort();
	seeds[seed_count] = calloc(1, sizeof(struct input));
	seeds[seed_count]->len = fread(seeds[seed_count]->data, 1, INPUT_MAX, f);
	seed_count++;
	fclose(f);
}

static void replace(struct input *in, size_t at, size_t cut, const uint8_t *add, size_t len)
{
	if (in->len - cut + len > INPUT_MAX)
		return;
	memmove(in->data + at + len, in->data + at + cut, in->len - at - cut);
	memcpy(in->data + at, add, len);
	in->len = in->len - cut + len;
}

/* One small change: a bit, a byte, a piece cut out, or a piece of a kept input put in. */
static void change(struct input *in)
{
	static const char edges[] = "\0\xff\x80\"\\{}[],:;\r\n\t %+-.0129eE'=&<>/";
	const struct input *other = seeds[below(seed_count)];
	size_t at = below(in->len + 1), from = below(other->len), piece = below(other->len - from + 1);
	uint8_t byte = (uint8_t)edges[below(sizeof(edges))], copy[INPUT_MAX];

	switch (below(5)) {
	case 0:
		if (at < in->len)
			in->data[at] ^= (uint8_t)(1u << below(8));
		break;
	case 1:
		replace(in, at, 0, &byte, 1);
		break;
	case 2:
		if (at < in->len)
			in->data[at] = byte;
		break;
	case 3:
		replace(in, at, below(in->len - at + 1), &byte, 0);
		break;
	default:
		memcpy(copy, other->data + from, piece);
		replace(in, at, 0, copy, piece);
	}
}

/* The input lies in a block of its own length, so that one byte too far is seen. */
static void run(const struct input *in)
{
	uint8_t *copy = malloc(in->len ? in->len : 1);

	if (!copy)
		abort();
	memcpy(copy, in->data, in->len);
	LLVMFuzzerTestOneInput(copy, in->len);
	free(copy);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

int main(int argc, char **argv)
{
	struct dirent **names;
	struct input in;
	int count, i;
	long runs;

	if (argc != 3 || (count = scandir(argv[1], &names, NULL, by_name)) < 0)
		return 2;
	runs = strtol(argv[2], NULL, 10);
	for (i = 0; i < count; i++) {
		if (names[i]->d_name[0] != '.')
			read_seed(argv[1], names[i]->d_name);
		free(names[i]);
	}
	free(names);
	if (!seed_count)
		return 2;
	for (i = 0; i < (int)seed_count; i++)
		run(seeds[i]);
	for (; runs > 0; runs--) {
		in = *seeds[below(seed_count)];
		for (i = 1 + (int)below(6); i > 0; i--)
			change(&in);
		run(&in);
	}
	while (seed_count > 0)
		free(seeds[--seed_count]);
	return 0;
}
