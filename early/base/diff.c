// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/diff.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define CONTEXT 3
#define TABLE_MAX   \
	(4 * 1024 * \
	 1024) // of lengths; of texts that need more all lines between the first and the last change are shown

struct line {
	const char *text;
	size_t length; // its newline with it
};

struct lines {
	struct line *items;
	size_t count;
};

// What becomes of a line, in the order in which they are shown.
struct step {
	char sign; // ' ', '-' or '+'
	struct line line;
};

struct steps {
	struct step *items;
	size_t count;
};

static bool split(const char *text, struct lines *ret)
{
	size_t count = 1;
	for (const char *c = text; *c; c++)
		count += *c == '\n';
	*ret = (struct lines){ .items = calloc(count, sizeof(*ret->items)) };
	for (const char *at = text; ret->items && *at; ret->count++) {
		size_t length = strcspn(at, "\n");
		length += at[length] == '\n';
		ret->items[ret->count] = (struct line){ at, length };
		at += length;
	}
	return ret->items;
}

static bool same(struct line a, struct line b)
{
	return a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
}

static void put(struct steps *steps, char sign, struct line line)
{
	steps->items[steps->count++] = (struct step){ sign, line };
}

static void put_all(struct steps *steps, char sign, const struct line *lines, size_t count)
{
	for (size_t i = 0; i < count; i++)
		put(steps, sign, lines[i]);
}

// The longest common lines of two parts of m and n lines: how many there are from (i, j) on.
static bool align(const struct line *a, size_t m, const struct line *b, size_t n, struct steps *steps)
{
	if (m > 0 && n > 0 && (m + 1) * (n + 1) <= TABLE_MAX) {
		uint16_t *common = calloc((m + 1) * (n + 1), sizeof(*common));
		if (!common)
			return false;
		for (size_t i = m; i-- > 0;)
			for (size_t j = n; j-- > 0;) {
				const uint16_t *here = &common[i * (n + 1) + j];
				uint16_t below = here[n + 1], right = here[1];
				common[i * (n + 1) + j] = (uint16_t)(same(a[i], b[j])         ? here[n + 2] + 1
									     : below >= right ? below
											      : right);
			}
		size_t i = 0, j = 0;
		while (i < m && j < n) {
			if (same(a[i], b[j])) {
				put(steps, ' ', a[i]);
				i++;
				j++;
			} else if (common[(i + 1) * (n + 1) + j] >= common[i * (n + 1) + j + 1]) {
				put(steps, '-', a[i++]);
			} else {
				put(steps, '+', b[j++]);
			}
		}
		free(common);
		a += i, m -= i;
		b += j, n -= j;
	}
	put_all(steps, '-', a, m);
	put_all(steps, '+', b, n);
	return true;
}

static bool compare(const struct lines *a, const struct lines *b, struct steps *steps)
{
	size_t head = 0, tail = 0;
	while (head < a->count && head < b->count && same(a->items[head], b->items[head]))
		head++;
	while (tail < a->count - head && tail < b->count - head &&
	       same(a->items[a->count - tail - 1], b->items[b->count - tail - 1]))
		tail++;
	*steps = (struct steps){ .items = calloc(a->count + b->count + 1, sizeof(*steps->items)) };
	if (!steps->items)
		return false;
	put_all(steps, ' ', a->items, head);
	bool made = align(a->items + head, a->count - head - tail, b->items + head, b->count - head - tail, steps);
	put_all(steps, ' ', a->items + a->count - tail, tail);
	return made;
}

// Where the next change is, from a step on; the count when there is none.
static size_t next_change(const struct steps *steps, size_t from)
{
	while (from < steps->count && steps->items[from].sign == ' ')
		from++;
	return from;
}

// Up to where a hunk goes that begins with a change: as far as the next change is near.
static size_t hunk_end(const struct steps *steps, size_t change)
{
	size_t end = change;
	for (;;) {
		while (end < steps->count && steps->items[end].sign != ' ')
			end++;
		size_t next = next_change(steps, end);
		if (next >= steps->count || next - end > 2 * CONTEXT)
			return end + CONTEXT < steps->count ? end + CONTEXT : steps->count;
		end = next;
	}
}

static size_t count_lines(const struct steps *steps, size_t begin, size_t end, char without)
{
	size_t count = 0;
	for (size_t i = begin; i < end; i++)
		count += steps->items[i].sign != without;
	return count;
}

static void print_range(FILE *to, size_t before, size_t count)
{
	if (count == 1)
		fprintf(to, "%zu", before + 1);
	else
		fprintf(to, "%zu,%zu", count ? before + 1 : before, count);
}

static void print_hunks(FILE *to, const struct steps *steps)
{
	size_t end = 0;
	for (size_t change; (change = next_change(steps, end)) < steps->count;) {
		size_t begin = change - end > CONTEXT ? change - CONTEXT : end;
		end = hunk_end(steps, change);
		fputs("@@ -", to);
		print_range(to, count_lines(steps, 0, begin, '+'), count_lines(steps, begin, end, '+'));
		fputs(" +", to);
		print_range(to, count_lines(steps, 0, begin, '-'), count_lines(steps, begin, end, '-'));
		fputs(" @@\n", to);
		for (size_t i = begin; i < end; i++) {
			struct line line = steps->items[i].line;
			bool whole = line.length > 0 && line.text[line.length - 1] == '\n';
			fprintf(to, "%c%.*s%s", steps->items[i].sign, (int)line.length, line.text,
				whole ? "" : "\n\\ No newline at end of file\n");
		}
	}
}

static int print(const char *name, const char *before, const char *after, const struct steps *steps, char **ret)
{
	size_t length;
	char *text = NULL;
	FILE *to = open_memstream(&text, &length);
	if (!to)
		return -ENOMEM;
	if (next_change(steps, 0) < steps->count)
		fprintf(to, "--- %s\n+++ %s\n", before ? name : "/dev/null", after ? name : "/dev/null");
	print_hunks(to, steps);
	if (fclose(to) != 0) {
		free(text);
		return -ENOMEM;
	}
	*ret = text;
	return 0;
}

int diff_unified(const char *name, const char *before, const char *after, char **ret)
{
	struct lines a = { .count = 0 }, b = { .count = 0 };
	struct steps steps = { .count = 0 };
	int r = -ENOMEM;
	if (split(before ? before : "", &a) && split(after ? after : "", &b) && compare(&a, &b, &steps))
		r = print(name, before, after, &steps, ret);
	free(a.items);
	free(b.items);
	free(steps.items);
	return r;
}
