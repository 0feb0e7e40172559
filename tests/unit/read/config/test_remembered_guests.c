// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "read/config/remembered_guests.h"
#include "read/proxmox/guest.h"

#define FIRST "# gvt-early guests 1, written by the program\n"
#define A     "vgpu 100 1 9223372036854775807 boot i915-GVTg_V5_4 0000:00:02.0 /etc/pve/nodes/pve/qemu-server/100.conf:4\n"
#define B \
	"vgpu 8006 15 3 later,keep i915-GVTg_V5_8 0000:00:02,0000:03:00.0 /etc/pve/nodes/pve/qemu-server/8006.conf:1\n"
#define CLAIM "claim 0000:03:00 /etc/pve/nodes/pve/qemu-server/101.conf:2 101 0 later\n"

static struct guest_list *list;

static int list_setup(void **state)
{
	list = malloc(sizeof(*list));
	assert_non_null(list);
	return tree_setup(state);
}

static int list_teardown(void **state)
{
	free(list);
	return tree_teardown(state);
}

static void texts(void **state)
{
	(void)state;
	assert_int_equal(remembered_parse(list, FIRST A B CLAIM), 0);
	assert_equal(list->state, GUESTS_READ);
	assert_int_equal(list->count, 2);
	const struct guest_entry *entry = &list->entries[0]; // sorted
	assert_int_equal(entry->vmid, 8006);
	assert_int_equal(entry->index, 15);
	assert_true(entry->order == 3 && entry->item.keep && !entry->boot);
	assert_string_equal(entry->item.uuid, "00000015-0000-0000-0000-000000008006");
	assert_string_equal(entry->item.parent, "0000:00:02");
	assert_int_equal(entry->item.other_count, 1);
	assert_string_equal(entry->item.others[0], "0000:03:00.0");
	entry++;
	assert_true(entry->order == GUEST_ORDER_MAX && !entry->item.keep && entry->boot);
	assert_string_equal(entry->item.type, "i915-GVTg_V5_4");
	assert_string_equal(entry->item.source, "/etc/pve/nodes/pve/qemu-server/100.conf:4");
	assert_int_equal(list->claims.count, 1);
	assert_string_equal(list->claims.items[0].address, "0000:03:00");

	CLEANUP_FREE char *text = NULL;
	size_t length;
	strcpy(list->entries[0].item.hostpci, "CANARY"); // is not ours to keep
	assert_int_equal(remembered_write(list, &text, &length), 0);
	assert_string_equal(text, FIRST B A CLAIM);
	assert_int_equal(length, strlen(text));
	strcpy(list->entries[0].problem, "x"); // is told anew when it can be read
	free(text);
	assert_int_equal(remembered_write(list, &text, &length), 0);
	assert_string_equal(text, FIRST A CLAIM);
	assert_int_equal(remembered_parse(list, FIRST), 0);
	assert_int_equal(list->count + list->claims.count, 0);
}

static void claims(void **state)
{
	(void)state;
	static const char first_form[] = FIRST "claim 0000:00:02.1 /etc/pve/qemu-server/101.conf:2\n";
	static const char full[] = FIRST "claim 0000:00:02.1 /etc/pve/qemu-server/101.conf:2 101 15 boot vf-pool 7\n"
					 "claim 0000:00:02.2 /etc/pve/qemu-server/102.conf:9 102 3 later\n";
	CLEANUP_FREE char *text = NULL;
	size_t length;
	assert_int_equal(remembered_parse(list, first_form), 0);
	const struct whole_gpu *claim = &list->claims.items[0];
	assert_true(claim->vmid == 101 && claim->index == 0 && !claim->boot && !claim->mapping[0]);
	assert_int_equal(remembered_parse(list, full), 0);
	assert_int_equal(list->claims.count, 2);
	assert_string_equal(claim->address, "0000:00:02.1");
	assert_string_equal(claim->source, "/etc/pve/qemu-server/101.conf:2");
	assert_string_equal(claim->mapping, "vf-pool");
	assert_true(claim->vmid == 101 && claim->index == 15 && claim->boot && claim->entry == 7);
	claim++;
	assert_true(claim->vmid == 102 && claim->index == 3 && !claim->boot && !claim->mapping[0]);
	assert_int_equal(remembered_write(list, &text, &length), 0);
	assert_string_equal(text, full);
}

static void damaged(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"x\n" A,
		"# gvt-early guests 2, written by the program\n" A,
		FIRST "vgpu\n",
		FIRST "nonsense\n",
		FIRST "\n",
		FIRST A "vgpu 100 1 1 boot i915-GVTg_V5_4 0000:00:02.0\n",
		FIRST "vgpu 99 1 1 boot i915-GVTg_V5_4 0000:00:02.0 /x:1\n",
		FIRST "vgpu 100 16 1 boot i915-GVTg_V5_4 0000:00:02.0 /x:1\n",
		FIRST "vgpu 100 1 -1 boot i915-GVTg_V5_4 0000:00:02.0 /x:1\n",
		FIRST "vgpu 100 1 99999999999999999999 boot i915-GVTg_V5_4 0000:00:02.0 /x:1\n",
		FIRST "vgpu 100 1 1 keep i915-GVTg_V5_4 0000:00:02.0 /x:1\n",
		FIRST "vgpu 100 1 1 boot ../x 0000:00:02.0 /x:1\n",
		FIRST "vgpu 100 1 1 boot i915-GVTg_V5_4 ../x /x:1\n",
		FIRST "vgpu 100 1 1 boot i915-GVTg_V5_4 , /x:1\n",
		FIRST "vgpu 100 1 1 boot i915-GVTg_V5_4 0000:00:02.0 x:1\n",
		FIRST "vgpu 100 1 1 boot i915-GVTg_V5_4 0000:00:02.0 /x;y:1\n",
		FIRST "vgpu 100 1 1 boot i915-GVTg_V5_4 0000:00:02.0 /x:1 y\n",
		FIRST
		"vgpu 100 1 1 boot i915-GVTg_V5_4 00:01.0,00:01.0,00:01.0,00:01.0,00:01.0,00:01.0,00:01.0,00:01.0,00:01.0 /x:1\n",
		FIRST "claim ../x /x:1\n",
		FIRST "claim 00:02.0\n",
		FIRST "claim 00:02.0 /x\t:1\n",
		FIRST "claim 00:02.0 /x:1 100\n",
		FIRST "claim 00:02.0 /x:1 100 0\n",
		FIRST "claim 00:02.0 /x:1 99 0 boot\n",
		FIRST "claim 00:02.0 /x:1 100 16 boot\n",
		FIRST "claim 00:02.0 /x:1 100 0 maybe\n",
		FIRST "claim 00:02.0 /x:1 100 0 boot vf\n",
		FIRST "claim 00:02.0 /x:1 100 0 boot ../vf 0\n",
		FIRST "claim 00:02.0 /x:1 100 0 boot vf 99\n",
		FIRST "claim 00:02.0 /x:1 100 0 boot vf 0 x\n",
	};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (remembered_parse(list, bad[i]) != -EINVAL) {
			print_error("passes: %s\n", bad[i]);
			fail();
		}
}

static void files(void **state)
{
	struct tree *tree = *state;
	struct stat before, after;
	assert_int_equal(remembered_load(list, &tree->root), -ENOENT);
	assert_int_equal(remembered_parse(list, FIRST A), 0);
	assert_int_equal(remembered_store(list, &tree->root), -ENOENT); // no /var/lib
	tree_dir(tree, "var/lib");
	assert_int_equal(remembered_store(list, &tree->root), 0);
	assert_string_equal(tree_get(tree, REMEMBERED_FILE), FIRST A);
	assert_int_equal(fstatat(tree->root.fs, REMEMBERED_FILE, &before, 0), 0);
	assert_int_equal(before.st_mode & 07777, 0644);
	assert_int_equal(remembered_store(list, &tree->root), 0); // the same: not touched
	assert_int_equal(fstatat(tree->root.fs, REMEMBERED_FILE, &after, 0), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(remembered_parse(list, FIRST B), 0);
	assert_int_equal(remembered_store(list, &tree->root), 0);
	assert_string_equal(tree_get(tree, REMEMBERED_FILE), FIRST B);

	assert_int_equal(remembered_load(list, &tree->root), 0);
	assert_int_equal(list->entries[0].vmid, 8006);
	tree_put(tree, REMEMBERED_FILE, FIRST "x");
	assert_int_equal(remembered_load(list, &tree->root), -EINVAL);
	tree_put_bytes(tree, REMEMBERED_FILE, FIRST "\0", sizeof(FIRST));
	assert_int_equal(remembered_load(list, &tree->root), -EINVAL);
	tree_put(tree, REMEMBERED_FILE, FIRST A);
	assert_int_equal(fchmodat(tree->root.fs, REMEMBERED_FILE, 0664, 0), 0);
	assert_int_equal(remembered_load(list, &tree->root), -EKEYREJECTED);
}

static int load_snapshot(struct tree *tree, const char *content, size_t *ret_wanted)
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	struct config config;
	if (content)
		tree_put(tree, REMEMBERED_SNAPSHOT, content);
	int r = remembered_load_snapshot(&tree->root, &config, &text, &length);
	*ret_wanted = config.wanted.count;
	config_free(&config);
	return r;
}

// A snapshot that is not whole is none: it must not pass for one that wants nothing.
static void snapshots(void **state)
{
	struct tree *tree = *state;
	size_t wanted;
	static const char *const bad[] = { "", "\n", "[snapshot", "[vgpu]\n", "[snapshot]\n[vgpu\n" };
	assert_int_equal(load_snapshot(tree, NULL, &wanted), -ENOENT);
	assert_int_equal(load_snapshot(tree, "[snapshot]\nversion = 1\n", &wanted), 0);
	assert_int_equal(wanted, 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (load_snapshot(tree, bad[i], &wanted) != -EINVAL) {
			print_error("passes: %s\n", bad[i]);
			fail();
		}
}

#define any_test(function) cmocka_unit_test_setup_teardown(function, list_setup, list_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = { any_test(texts), any_test(claims), any_test(damaged), any_test(files),
					    any_test(snapshots) };
	return run_group(tests);
}
