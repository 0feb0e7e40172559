// SPDX-License-Identifier: GPL-2.0-or-later
// What tar(1) makes of the archives.
#include "helper.h"

#include <sys/wait.h>

#include "tell/capture/tar.h"

// Writes an archive, and has it unpacked in a directory beside.
static void unpack(struct tree *tree, FILE *stream, char **data, size_t *length)
{
	tar_end(stream);
	assert_int_equal(fclose(stream), 0);
	assert_int_equal(*length % 512, 0);
	tree_put_bytes(tree, "archive", *data, *length);
	char command[1024];
	snprintf(command, sizeof(command), "mkdir '%s/out' && tar -C '%s/out' -xf '%s/archive'", tree->path, tree->path,
		 tree->path);
	assert_int_equal(system(command), 0);
}

static void round_trip(void **state)
{
	struct tree *tree = *state;
	char *data = NULL, big[3000], target[64];
	size_t length = 0;
	struct stat st;
	memset(big, 'x', sizeof(big));
	FILE *stream = open_memstream(&data, &length);
	assert_int_equal(tar_add_dir(stream, "sys/empty"), 0);
	assert_int_equal(tar_add_file(stream, "sys/nothing", "", 0), 0);
	assert_int_equal(tar_add_file(stream, "sys/block", big, 512), 0);
	assert_int_equal(tar_add_file(stream, "sys/big", big, sizeof(big)), 0);
	assert_int_equal(tar_add_link(stream, "sys/link", "../somewhere/else"), 0);
	unpack(tree, stream, &data, &length);
	free(data);

	assert_int_equal(fstatat(tree->root.fs, "out/sys/empty", &st, 0), 0);
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(fstatat(tree->root.fs, "out/sys/nothing", &st, 0), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(fstatat(tree->root.fs, "out/sys/block", &st, 0), 0);
	assert_int_equal(st.st_size, 512);
	assert_int_equal(strlen(tree_get(tree, "out/sys/big")), sizeof(big));
	ssize_t n = readlinkat(tree->root.fs, "out/sys/link", target, sizeof(target) - 1);
	assert_int_equal(n, strlen("../somewhere/else"));
}

// Up to 255 characters, if there is a '/' at the right place.
static void long_names(void **state)
{
	struct tree *tree = *state;
	char *data = NULL, path[300], target[102], shown[320];
	size_t length = 0;
	FILE *stream = open_memstream(&data, &length);
	memset(path, 'd', sizeof(path));
	path[150] = '/';
	path[251] = '\0'; // 150, '/', 100
	assert_int_equal(tar_add_file(stream, path, "far", 3), 0);
	snprintf(shown, sizeof(shown), "out/%s", path);
	path[251] = 'd';
	path[252] = '\0'; // one more behind the '/'
	assert_int_equal(tar_add_file(stream, path, "", 0), -ENAMETOOLONG);
	path[150] = 'd';
	path[160] = '/'; // one before it that is too far
	assert_int_equal(tar_add_file(stream, path, "", 0), -ENAMETOOLONG);
	path[160] = 'd';
	path[101] = '\0'; // no '/' at all
	assert_int_equal(tar_add_dir(stream, path), -ENAMETOOLONG);
	path[100] = '\0'; // a name that fills its field
	assert_int_equal(tar_add_file(stream, path, "near", 4), 0);
	memset(target, 't', sizeof(target));
	target[101] = '\0';
	assert_int_equal(tar_add_link(stream, "link", target), -ENAMETOOLONG);
	target[100] = '\0';
	assert_int_equal(tar_add_link(stream, "link", target), 0);
	unpack(tree, stream, &data, &length);
	free(data);
	assert_string_equal(tree_get(tree, shown), "far");
	snprintf(shown, sizeof(shown), "out/%s", path);
	assert_string_equal(tree_get(tree, shown), "near");
}

// Something of eight GiB does not go in, and is not read for that.
static void too_large(void **state)
{
	(void)state;
	char *data = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&data, &length);
	assert_int_equal(tar_add_file(stream, "large", "", 1ULL << 33), -EFBIG);
	assert_int_equal(fclose(stream), 0);
	assert_int_equal(length, 0);
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(round_trip),
		tree_test(long_names),
		cmocka_unit_test(too_large),
	};
	return run_group(tests);
}
