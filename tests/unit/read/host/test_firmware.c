// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "base/replay.h"
#include "read/host/firmware.h"

#define RELEASE "6.18.9-1-pve"
#define NAME    "xe/bmg_guc_70.bin"
#define CONFIG  "boot/config-" RELEASE

static struct tree *tree;

static int setup(void **state)
{
	(void)tree_setup(state);
	tree = *state;
	return 0;
}

static int there(void)
{
	return firmware_there(&tree->root, RELEASE, NAME);
}

static void put(const char *path)
{
	tree_put(tree, path, "firmware");
}

static void gone(const char *path)
{
	assert_int_equal(unlinkat(tree->root.fs, path, 0), 0);
}

static void where_the_kernel_looks(void **state)
{
	(void)state;
	static const char *const places[] = { "lib/firmware/" NAME, "lib/firmware/" RELEASE "/" NAME,
					      "lib/firmware/updates/" NAME, "lib/firmware/updates/" RELEASE "/" NAME };
	assert_int_equal(there(), 0);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		put(places[i]);
		assert_int_equal(there(), 1);
		gone(places[i]);
		assert_int_equal(there(), 0);
	}
	put("lib/firmware/6.18.8/" NAME); // another kernel's
	put("usr/lib/firmware/" NAME);    // the kernel does not look there, unless lib is a link
	put("lib/firmware/xe/bmg_guc_70.bin.gz");
	assert_int_equal(there(), 0);
	gone("usr/lib/firmware/" NAME);
}

static void where_the_admin_says(void **state)
{
	(void)state;
	put("opt/firmware/" NAME);
	assert_int_equal(there(), 0);
	tree_put(tree, "sys/module/firmware_class/parameters/path", "/opt/firmware\n");
	assert_int_equal(there(), 1);
	tree_put(tree, "sys/module/firmware_class/parameters/path", "\n");
	assert_int_equal(there(), 0);
}

static void links(void **state)
{
	(void)state;
	tree_link(tree, "lib/firmware/" NAME, "bmg_guc_70.55.bin");
	assert_int_equal(there(), 0); // to nothing
	put("lib/firmware/xe/bmg_guc_70.55.bin");
	assert_int_equal(there(), 1);
}

static void what_is_no_file(void **state)
{
	(void)state;
	tree_dir(tree, "lib/firmware/" NAME);
	assert_int_equal(there(), 0);
	assert_int_equal(firmware_there(&tree->root, RELEASE, NAME "/x"), 0);
}

static void compressed(void **state)
{
	(void)state;
	static const struct {
		const char *suffix, *option;
	} kinds[] = { { ".zst", "CONFIG_FW_LOADER_COMPRESS_ZSTD" }, { ".xz", "CONFIG_FW_LOADER_COMPRESS_XZ" } };
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		char path[128], text[256];
		snprintf(path, sizeof(path), "lib/firmware/" NAME "%s", kinds[i].suffix);
		put(path);
		assert_int_equal(there(), -ENODATA);
		snprintf(text, sizeof(text), "CONFIG_X=y\n# %s is not set\n", kinds[i].option);
		tree_put(tree, CONFIG, text);
		assert_int_equal(there(), -EOPNOTSUPP);
		snprintf(text, sizeof(text), "CONFIG_X=y\nNOT_%s=y\n%s=yes\n", kinds[i].option, kinds[i].option);
		tree_put(tree, CONFIG, text);
		assert_int_equal(there(), -EOPNOTSUPP);
		snprintf(text, sizeof(text), "CONFIG_X=y\nNOT_%s=y\n%s=y\n", kinds[i].option, kinds[i].option);
		tree_put(tree, CONFIG, text);
		assert_int_equal(there(), 1);
		snprintf(text, sizeof(text), "%s=y\n", kinds[i].option);
		tree_put(tree, CONFIG, text);
		assert_int_equal(there(), 1);
		snprintf(text, sizeof(text), "%s=y\n", kinds[1 - i].option);
		tree_put(tree, CONFIG, text);
		assert_int_equal(there(), -EOPNOTSUPP);
		gone(CONFIG);
		put("lib/firmware/updates/" NAME);
		assert_int_equal(there(), 1); // of which nothing has to be known
		gone("lib/firmware/updates/" NAME);
		gone(path);
	}
	// One of both will do.
	put("lib/firmware/" NAME ".zst");
	put("lib/firmware/" NAME ".xz");
	tree_put(tree, CONFIG, "CONFIG_FW_LOADER_COMPRESS_XZ=y\n");
	assert_int_equal(there(), 1);
}

static void either_will_do(void **state)
{
	(void)state;
	static const int by_rank[] = { 0, -EOPNOTSUPP, -ENODATA, 1 };
	for (size_t i = 0; i < ARRAY_SIZE(by_rank); i++)
		for (size_t n = 0; n < ARRAY_SIZE(by_rank); n++)
			assert_int_equal(firmware_better(by_rank[i], by_rank[n]), by_rank[i > n ? i : n]);
}

// A capture has the answer of the kernel's configuration, not the file.
static void as_captured(void **state)
{
	(void)state;
	put("lib/firmware/" NAME ".zst");
	assert_int_equal(replay_take(REPLAY_HEAD "parameter 1 " CONFIG ":CONFIG_FW_LOADER_COMPRESS_ZSTD\n"), 0);
	assert_int_equal(there(), 1);
	assert_int_equal(replay_take(REPLAY_HEAD "parameter 0 " CONFIG ":CONFIG_FW_LOADER_COMPRESS_ZSTD\n"), 0);
	assert_int_equal(there(), -EOPNOTSUPP);
	assert_int_equal(replay_take(REPLAY_HEAD "error 5 " CONFIG "\n"), 0);
	assert_int_equal(there(), -ENODATA);
	assert_int_equal(replay_take(REPLAY_HEAD "error 110 lib/firmware/" NAME "\n"), 0);
	gone("lib/firmware/" NAME ".zst");
	assert_int_equal(there(), -ETIMEDOUT);
	assert_int_equal(replay_take(REPLAY_HEAD), 0);
}

static void names_too_long(void **state)
{
	(void)state;
	char *name = malloc(8192);
	assert_non_null(name);
	memset(name, 'x', 8191);
	name[8191] = '\0';
	assert_int_equal(firmware_there(&tree->root, RELEASE, name), -ENAMETOOLONG);
	put("lib/firmware/" NAME ".zst");
	assert_int_equal(firmware_there(&tree->root, name, NAME), -ENODATA);
	free(name);
}

#define firmware_test(function) cmocka_unit_test_setup_teardown(function, setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		firmware_test(where_the_kernel_looks), firmware_test(where_the_admin_says), firmware_test(links),
		firmware_test(what_is_no_file),        firmware_test(compressed),           firmware_test(as_captured),
		firmware_test(names_too_long),         firmware_test(either_will_do),
	};
	return run_group(tests);
}
