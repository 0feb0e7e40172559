// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include <sys/syscall.h>

#include "base/file.h"
#include "read/proxmox/guest.h"
#include "read/proxmox/guests.h"
#include "read/proxmox/ha.h"
#include "read/proxmox/mapping.h"

#define NODE_DIR PVE_DIR "/nodes/pve/qemu-server"
#define MDEV     "0000:00:02.0,mdev=i915-GVTg_V5_4"

static struct guest_list *list;

//
// A tree that changes while it is read: what is run before a file is opened, and the calls of the program that lead
// there
//

static void (*before_open)(const struct tree *tree, const char *path);
static const struct tree *changing;

// In place of the C library's, for all of this program.
int openat(int dir, const char *path, int flags, ...)
{
	va_list args;
	va_start(args, flags);
	mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
	va_end(args);
	void (*hook)(const struct tree *, const char *) = before_open;
	before_open = NULL; // what it does itself is not checked
	if (hook)
		hook(changing, path);
	if (!before_open && hook && changing)
		before_open = hook;
	return (int)syscall(SYS_openat, dir, path, flags, mode);
}

static void read_while(const struct tree *tree, void (*hook)(const struct tree *, const char *))
{
	// As on the running system, where openat(2) is enough.
	file_set_place(&(struct file_place){ .top = -1, .kernel = { -1, -1 }, .proc = tree->root.own_proc });
	changing = tree;
	before_open = hook;
	guests_read(list, &tree->root);
	before_open = NULL;
	changing = NULL;
}

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

static void read_guests(const struct tree *tree)
{
	guests_read(list, &tree->root);
}

static void put_guest(const struct tree *tree, unsigned vmid, const char *text)
{
	char path[128];
	snprintf(path, sizeof(path), NODE_DIR "/%u.conf", vmid);
	tree_put(tree, path, text);
}

static int host_setup(void **state)
{
	(void)list_setup(state);
	const struct tree *tree = *state;
	tree_put(tree, "etc/hostname", "pve.example.org\n");
	tree_dir(tree, NODE_DIR);
	return 0;
}

static void assert_unreadable(const struct tree *tree, const char *reason)
{
	read_guests(tree);
	assert_equal(list->state, GUESTS_UNREADABLE);
	assert_has(list->reason, reason);
}

// The one entry there is.
static const struct guest_entry *entry_of(const struct tree *tree)
{
	read_guests(tree);
	assert_equal(list->state, GUESTS_READ);
	assert_int_equal(list->count, 1);
	return &list->entries[0];
}

static void node_names(void **state)
{
	struct tree *tree = *state;
	char node[PVE_NODE_SIZE];
	guests_node(&tree->root, node, sizeof(node));
	assert_string_equal(node, "");
	static const struct {
		const char *file, *node;
	} names[] = { { "pve", "pve" },
		      { "pve.example.org\n", "pve" },
		      { "PVE-1\n", "PVE-1" },
		      { "pve \n", "pve" },
		      { "../../x\n", "" },
		      { "a/b\n", "" },
		      { "\n", "" },
		      { "-x\n", "" },
		      { "# comment\npve\n", "" } };
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		tree_put(tree, "etc/hostname", names[i].file);
		guests_node(&tree->root, node, sizeof(node));
		assert_string_equal(node, names[i].node);
	}
	assert_int_equal(unlinkat(tree->root.fs, "etc/hostname", 0), 0);
	tree_put(tree, "proc/sys/kernel/hostname", "other\n");
	guests_node(&tree->root, node, sizeof(node));
	assert_string_equal(node, "other");
}

static void no_proxmox(void **state)
{
	struct tree *tree = *state;
	read_guests(tree);
	assert_equal(list->state, GUESTS_ABSENT);
	tree_dir(tree, PVE_DIR); // an empty directory, and nothing of a cluster
	read_guests(tree);
	assert_equal(list->state, GUESTS_ABSENT);
	assert_int_equal(list->count + list->problem_count + list->claims.count, 0);
}

// "Unreadable" is not "empty".
static void unreadable(void **state)
{
	struct tree *tree = *state;
	tree_dir(tree, PVE_CLUSTER_DIR);
	assert_unreadable(tree, "/etc/pve has no guests of node '': it is not mounted");
	tree_dir(tree, PVE_DIR);
	assert_unreadable(tree, "it is not mounted");
	tree_put(tree, "etc/hostname", "pve\n");
	assert_unreadable(tree, "/etc/pve has no guests of node 'pve'");
	tree_put(tree, PVE_DIR "/nodes/other/qemu-server/100.conf", "hostpci0: " MDEV "\nonboot: 1\n");
	assert_unreadable(tree, "or this is another node");
	tree_dir(tree, NODE_DIR); // no guests, and that is known
	read_guests(tree);
	assert_equal(list->state, GUESTS_READ);
	assert_int_equal(list->count, 0);

	// A link that leads in circles stands for whatever fails.
	tree_link(tree, NODE_DIR "/100.conf", "100.conf");
	assert_unreadable(tree, "/" NODE_DIR "/100.conf: Too many levels of symbolic links");
	assert_int_equal(unlinkat(tree->root.fs, NODE_DIR "/100.conf", 0), 0);
	tree_link(tree, MAPPING_FILE, "pci.cfg");
	assert_unreadable(tree, "/" MAPPING_FILE ": Too many");
	assert_int_equal(unlinkat(tree->root.fs, MAPPING_FILE, 0), 0);
	tree_link(tree, HA_FILE, "resources.cfg");
	assert_unreadable(tree, "/" HA_FILE ": Too many");
	assert_int_equal(unlinkat(tree->root.fs, HA_FILE, 0), 0);
	assert_int_equal(unlinkat(tree->root.fs, NODE_DIR, AT_REMOVEDIR), 0);
	tree_link(tree, NODE_DIR, "qemu-server");
	assert_unreadable(tree, "/" NODE_DIR ": Too many");
	assert_int_equal(unlinkat(tree->root.fs, NODE_DIR, 0), 0);
	tree_put(tree, NODE_DIR, "");
	assert_unreadable(tree, "/" NODE_DIR ": Not a directory");
}

// /etc/pve/qemu-server is a link to this node's directory; in a copy it may be a directory.
static void the_other_directory(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, "etc/hostname", "pve\n");
	tree_put(tree, PVE_DIR "/qemu-server/100.conf", "hostpci0: " MDEV "\n");
	assert_string_equal(entry_of(tree)->item.source, "/" PVE_DIR "/qemu-server/100.conf:1");
	put_guest(tree, 101, "\nhostpci0: " MDEV "\n"); // goes first
	assert_string_equal(entry_of(tree)->item.source, "/" NODE_DIR "/101.conf:2");
	assert_int_equal(unlinkat(tree->root.fs, PVE_DIR "/qemu-server/100.conf", 0), 0);
	assert_int_equal(unlinkat(tree->root.fs, PVE_DIR "/qemu-server", AT_REMOVEDIR), 0);
	tree_link(tree, PVE_DIR "/qemu-server", "nodes/pve/qemu-server");
	tree_put(tree, "etc/hostname", "..\n"); // no name, but the link is there
	assert_string_equal(entry_of(tree)->item.source, "/" PVE_DIR "/qemu-server/101.conf:2");
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text);
	return length >= strlen(end) && streq(text + length - strlen(end), end);
}

static void rename_in(const struct tree *tree, const char *from, const char *to)
{
	assert_int_equal(renameat(tree->root.fs, from, tree->root.fs, to), 0);
}

static void remove_101(const struct tree *tree, const char *path)
{
	if (ends_with(path, "/101.conf"))
		(void)unlinkat(tree->root.fs, NODE_DIR "/101.conf", 0);
}

static void unmount(const struct tree *tree, const char *path)
{
	if (ends_with(path, "/101.conf")) {
		rename_in(tree, PVE_DIR, "etc/away");
		tree_dir(tree, PVE_DIR);
		changing = NULL; // once
	}
}

// pmxcfs is gone when the file is opened, and is there again with the next look.
static void mount_again(const struct tree *tree, const char *path)
{
	if (ends_with(path, "/101.conf")) {
		rename_in(tree, PVE_DIR, "etc/away");
		tree_dir(tree, PVE_DIR);
		return;
	}
	if (faccessat(tree->root.fs, "etc/away", F_OK, 0) == 0) {
		assert_int_equal(unlinkat(tree->root.fs, PVE_DIR, AT_REMOVEDIR), 0);
		rename_in(tree, "etc/away", PVE_DIR);
		changing = NULL;
	}
}

// Another directory takes the place, with the same names in it, when the mappings have been looked for: all is read
// again.
static void replace(const struct tree *tree, const char *path)
{
	if (ends_with(path, "/100.conf")) {
		rename_in(tree, PVE_DIR, "etc/away");
		put_guest(tree, 100, "onboot: 1\nhostpci0: mapping=igpu,mdev=i915-GVTg_V5_8\n");
		tree_put(tree, MAPPING_FILE, "igpu\n\tmap id=8086:5916,node=pve,path=0000:00:02.0\n\tmdev 1\n");
		changing = NULL;
	}
}

static void put_two(const struct tree *tree)
{
	put_guest(tree, 100, "onboot: 1\nhostpci0: " MDEV "\n");
	put_guest(tree, 101, "onboot: 1\nhostpci0: " MDEV "\n");
	tree_dir(tree, PVE_CLUSTER_DIR);
}

// A file that goes while the guests are read is a guest that goes. If all of the tree goes, nobody knows what there is.
static void removed_meanwhile(void **state)
{
	const struct tree *tree = *state;
	put_two(tree);
	read_while(tree, remove_101);
	assert_equal(list->state, GUESTS_READ);
	assert_int_equal(list->count, 1);
	assert_int_equal(list->entries[0].vmid, 100);
}

static void unmounted_meanwhile(void **state)
{
	const struct tree *tree = *state;
	put_two(tree);
	read_while(tree, unmount);
	assert_equal(list->state, GUESTS_UNREADABLE);
	assert_has(list->reason, "it is not mounted");
}

static void mounted_again_meanwhile(void **state)
{
	const struct tree *tree = *state;
	put_two(tree);
	read_while(tree, mount_again);
	assert_equal(list->state, GUESTS_READ);
	assert_int_equal(list->count, 2);
}

static void replaced_meanwhile(void **state)
{
	const struct tree *tree = *state;
	put_two(tree);
	read_while(tree, replace);
	assert_equal(list->state, GUESTS_READ);
	assert_int_equal(list->count, 1);
	assert_string_equal(list->entries[0].item.type, "i915-GVTg_V5_8");
	assert_string_equal(list->entries[0].problem, "");
}

// A file that is listed and cannot be found is not one guest less.
static void listed_but_not_there(void **state)
{
	const struct tree *tree = *state;
	put_two(tree);
	assert_int_equal(unlinkat(tree->root.fs, NODE_DIR "/101.conf", 0), 0);
	tree_link(tree, NODE_DIR "/101.conf", "nowhere");
	assert_unreadable(tree, "/" NODE_DIR "/101.conf: No such file or directory");
}

static void entries(void **state)
{
	struct tree *tree = *state;
	put_guest(
		tree, 8006,
		"cores: 4\nhostpci1: 00:02.0,mdev=i915-GVTg_V5_8,pcie=1,driver=keep\nonboot: 1\nstartup: order=7\nmachine: q35\n");
	const struct guest_entry *entry = entry_of(tree);
	assert_string_equal(entry->item.uuid, "00000001-0000-0000-0000-000000008006");
	assert_string_equal(entry->item.type, "i915-GVTg_V5_8");
	assert_string_equal(entry->item.parent, "0000:00:02.0");
	assert_int_equal(entry->item.other_count, 0);
	assert_string_equal(entry->item.source, "/" NODE_DIR "/8006.conf:2");
	assert_string_equal(entry->item.hostpci, "hostpci1: 00:02.0,mdev=i915-GVTg_V5_8,pcie=1,driver=keep");
	assert_int_equal(entry->vmid, 8006);
	assert_int_equal(entry->index, 1);
	assert_true(entry->order == 7);
	assert_true(entry->boot && entry->item.keep);
	assert_string_equal(entry->problem, "");
	assert_string_equal(entry->warning, "");

	put_guest(tree, 8006, "hostpci0: 00:02,mdev=i915-GVTg_V5_8\n");
	entry = entry_of(tree);
	assert_string_equal(entry->item.parent, "0000:00:02"); // which functions there are is not ours to say here
	assert_false(entry->boot || entry->item.keep);
	assert_true(entry->order == GUEST_ORDER_MAX);

	// Mediated devices of other drivers, and templates.
	put_guest(tree, 8006, "hostpci0: 0000:01:00.0,mdev=nvidia-63\n");
	put_guest(tree, 8007, "hostpci0: " MDEV "\nonboot: 1\ntemplate: 1\nhostpci1: 00:02.0\n");
	read_guests(tree);
	assert_int_equal(list->count + list->problem_count + list->claims.count, 0);
}

// What is no file of a guest is of no interest.
static void other_files(void **state)
{
	struct tree *tree = *state;
	static const char *const names[] = {
		"99.conf",    "0100.conf", "1000000000.conf", "100.conf.tmp.1", "100",
		"vm100.conf", ".conf",     "100.CONF",        "100 .conf",      ".100.conf"
	};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char path[128];
		snprintf(path, sizeof(path), NODE_DIR "/%s", names[i]);
		tree_put(tree, path, "hostpci0: " MDEV "\n");
	}
	read_guests(tree);
	assert_equal(list->state, GUESTS_READ);
	assert_int_equal(list->count + list->problem_count, 0);
}

static void assert_problem(const struct tree *tree, const char *value, const char *says)
{
	char text[512];
	snprintf(text, sizeof(text), "hostpci0: %s\n", value);
	put_guest(tree, 100, text);
	const struct guest_entry *entry = entry_of(tree);
	assert_has(entry->problem, says);
	assert_string_equal(entry->item.source, "/" NODE_DIR "/100.conf:1");
}

// Each costs its own entry.
static void mistakes(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, MAPPING_FILE,
		 "several\n\tmap id=8086:5916,node=pve,path=0000:00:02.0;0000:00:02.1\n\n"
		 "elsewhere\n\tmap id=8086:5916,node=pve2,path=0000:00:02.0\n");
	assert_problem(tree, MDEV ",mapping=igpu", "guest 100 cannot start: it has both 'host' and 'mapping'");
	assert_problem(tree, "mdev=i915-GVTg_V5_4", "guest 100 cannot start: it has neither 'host' nor 'mapping'");
	assert_problem(tree, MDEV ",legacy-igd=1", "exclude each other");
	assert_problem(tree, "00:02.0;00:02.1,mdev=i915-GVTg_V5_4", "'mdev' allows only one PCI function");
	assert_problem(tree, "00:02.9,mdev=i915-GVTg_V5_4", "guest 100 cannot start: there is no PCI device '00:02.9'");
	assert_problem(tree, "mapping=igpu,mdev=i915-GVTg_V5_4",
		       "guest 100 cannot start: there is no mapping 'igpu' in /" MAPPING_FILE);
	assert_problem(tree, "mapping=elsewhere,mdev=i915-GVTg_V5_4", "no entry for node 'pve'");
	assert_problem(tree, "mapping=several,mdev=i915-GVTg_V5_4", "the mapping 'several' has several");
	assert_problem(tree, "00:02.0,mdev=i915-GVTg V5_4", "'i915-GVTg V5_4' is not a type");
	assert_problem(tree, "00:02.0,mdev=i915/GVTg_V5_4",
		       "Proxmox VE ignores this line: 'mdev' is not the name of a type");
	put_guest(tree, 100, "hostpci0: 00:02.0,romfile=a;b\n"); // no mediated device: not ours to judge
	read_guests(tree);
	assert_int_equal(list->count, 0);
	put_guest(tree, 100, "onboot: 1\nhostpci0: " MDEV "\nhostpci0: " MDEV ",driver=x\n");
	read_guests(tree);
	assert_int_equal(list->count, 2);
	assert_string_equal(list->entries[0].problem, "");
	assert_has(list->entries[1].problem, "'driver' is neither");
	assert_true(list->entries[1].boot);
}

static void mappings(void **state)
{
	struct tree *tree = *state;
	put_guest(tree, 100, "hostpci0: mapping=igpu,mdev=i915-GVTg_V5_4\n");
	tree_put(
		tree, MAPPING_FILE,
		"igpu\n\tmap id=8086:5916,node=pve,path=0000:03:00.0\n\tmap id=8086:5916,node=other,path=0000:04:00.0\n"
		"\tmap id=8086:5916,node=pve,path=0000:00:02\n\tmdev 1\n");
	const struct guest_entry *entry = entry_of(tree);
	assert_string_equal(entry->problem, "");
	assert_string_equal(entry->warning, "");
	assert_string_equal(entry->item.parent, "0000:03:00.0");
	assert_int_equal(entry->item.other_count, 1);
	assert_string_equal(entry->item.others[0], "0000:00:02");

	char text[8192] = "igpu\n";
	for (unsigned i = 0; i <= PARENTS_MAX; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "\tmap id=8086:5916,node=pve,path=0000:%02x:00.0\n", i);
	tree_put(tree, MAPPING_FILE, text);
	entry = entry_of(tree);
	assert_int_equal(entry->item.other_count, PARENTS_MAX - 1);
	assert_has(entry->warning, "more than 8 entries");

	tree_put(tree, MAPPING_FILE, "igpu\n\tmap id=8086:5916,node=pve,path=0000:00:02.0\n");
	entry = entry_of(tree);
	assert_string_equal(entry->problem, "");
	assert_has(entry->warning, "is not marked for mediated devices");
}

static void claims(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, MAPPING_FILE, "igpu\n\tmap id=8086:5916,node=pve,path=0000:00:02.0\n\n");
	put_guest(
		tree, 100,
		"hostpci0: 00:02\nhostpci1: mapping=igpu,pcie=1\nhostpci2: 03:00.0;04:00.0\nhostpci3: mapping=other\n");
	put_guest(tree, 101, "[PENDING]\nhostpci0: 05:00.0\n");
	put_guest(tree, 102, "template: 1\nhostpci0: 06:00.0\n");
	put_guest(tree, 103, "hostpci0: 07:00.0\n[PENDING]\ndelete: hostpci0\n");
	put_guest(tree, 104, "hostpci0: 07:00.0,mapping=igpu\nhostpci1: 07:00.0,pcie=x\nhostpci2: " MDEV "\n");
	read_guests(tree);
	static const char *const addresses[] = { "0000:00:02", "0000:00:02.0", "0000:03:00.0", "0000:04:00.0",
						 "0000:05:00.0" };
	assert_int_equal(list->claims.count, ARRAY_SIZE(addresses));
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++)
		assert_string_equal(list->claims.items[i].address, addresses[i]);
	assert_string_equal(list->claims.items[4].source, "/" NODE_DIR "/101.conf:2");
}

//
// Virtual functions
//

static void put_function(const struct tree *tree, const char *address, const char *group)
{
	static const char *const attributes[][2] = { { "vendor", "0x8086" },
						     { "device", "0xa780" },
						     { "subsystem_vendor", "0x1462" },
						     { "subsystem_device", "0x7d42" } };
	char path[128], to[64];
	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
		snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/%s", address, attributes[i][0]);
		tree_put(tree, path, attributes[i][1]);
	}
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/iommu_group", address);
	snprintf(to, sizeof(to), "../../../../kernel/iommu_groups/%s", group);
	tree_link(tree, path, to);
}

static void put_host(const struct tree *tree, unsigned vfs)
{
	char address[PCI_ADDRESS_SIZE], group[8];
	tree_dir(tree, "sys/class/iommu/dmar0");
	put_function(tree, "0000:00:02.0", "0");
	for (unsigned i = 1; i <= vfs; i++) {
		snprintf(address, sizeof(address), "0000:00:02.%u", i);
		snprintf(group, sizeof(group), "%u", 14 + i);
		put_function(tree, address, group);
	}
}

#define VF(path, group) "\tmap id=8086:a780,iommugroup=" group ",node=pve,path=" path ",subsystem-id=1462:7d42\n"

static void assert_vf(const struct tree *tree, enum guest_trouble trouble, const char *problem, const char *absent)
{
	read_guests(tree);
	assert_equal(list->state, GUESTS_READ);
	assert_int_equal(list->vf_count, 1);
	assert_string_equal(list->vfs[0].problem, problem);
	assert_string_equal(list->vfs[0].absent, absent);
	assert_equal(list->vfs[0].trouble, trouble);
	assert_int_equal(list->count, 0); // none of them is a vGPU
}

static void virtual_functions(void **state)
{
	struct tree *tree = *state;
	put_host(tree, 2);
	tree_put(tree, MAPPING_FILE,
		 "pool\n" VF("0000:00:02.1", "15") VF("0000:00:02.2", "16") "\n"
									    "moved\n" VF("0000:00:02.1", "18") "\n");
	put_guest(tree, 100, "onboot: 1\nhostpci0: 0000:00:02.1,pcie=1\nmachine: q35\n");
	put_guest(tree, 101, "hostpci3: mapping=pool\n");
	put_guest(tree, 102, "hostpci0: 0000:00:02\nhostpci1: 01:00.0\n"); // no VF
	read_guests(tree);
	assert_int_equal(list->vf_count, 2);
	const struct guest_vf *vf = list->vfs;
	assert_true(vf->vmid == 100 && vf->index == 0 && vf->boot && !vf->mapping[0]);
	assert_string_equal(vf->source, "/" NODE_DIR "/100.conf:2");
	assert_string_equal(vf->problem, "");
	vf++;
	assert_true(vf->vmid == 101 && vf->index == 3 && !vf->boot);
	assert_string_equal(vf->mapping, "pool");
	assert_string_equal(vf->problem, "");
	assert_equal(vf->trouble, TROUBLE_NONE);

	assert_int_equal(list->claims.count, 5);
	const struct whole_gpu *claim = &list->claims.items[2];
	assert_string_equal(claim->address, "0000:00:02.2");
	assert_true(claim->vmid == 101 && claim->index == 3 && !claim->boot && claim->entry == 1);
	assert_string_equal(claim->mapping, "pool");
	assert_string_equal(claim->recorded.id, "8086:a780");
	assert_string_equal(claim->recorded.subsystem, "1462:7d42");
	assert_string_equal(claim->recorded.group, "16");
	assert_int_equal(claim->recorded.line, 3);
	claim++;
	assert_string_equal(claim->address, "0000:00:02");
	assert_true(claim->vmid == 102 && !claim->mapping[0] && !claim->recorded.id[0]);
}

static void refused_virtual_functions(void **state)
{
	struct tree *tree = *state;
	put_host(tree, 2);
	tree_put(tree, MAPPING_FILE,
		 "pool\n" VF("0000:00:02.1", "15") VF("0000:00:02.3", "17") "\n"
									    "moved\n" VF("0000:00:02.1", "18") "\n");
	put_guest(tree, 100, "hostpci0: mapping=moved\n");
	assert_vf(tree, TROUBLE_MAPPING,
		  "guest 100 cannot start: the mapping 'moved' (/" MAPPING_FILE ":6) does not match 0000:00:02.1: "
		  "iommugroup=18 (should be 15)",
		  "");
	assert_string_equal(list->vfs[0].lacking, "moved");
	// One entry that does not pass keeps the guest from starting, whichever it would get.
	put_guest(tree, 100, "hostpci0: mapping=pool\n");
	assert_vf(tree, TROUBLE_MAPPING,
		  "guest 100 cannot start: the mapping 'pool' (/" MAPPING_FILE
		  ":3) names 0000:00:02.3, which does not exist",
		  "0000:00:02.3");
	put_guest(tree, 100, "hostpci0: mapping=none\nhostpci1: 00:02.1\n");
	assert_vf(tree, TROUBLE_MAPPING,
		  "guest 100 cannot start: hostpci0 (line 1): there is no mapping 'none' in /" MAPPING_FILE, "");
	assert_equal(list->vfs[0].lack, MAPPING_UNKNOWN);
	put_guest(tree, 100, "hostpci0: 00:02.7\n");
	assert_vf(tree, TROUBLE_REFUSED, "guest 100 cannot start: there is no PCI device '00:02.7'", "0000:00:02.7");
	// What else is wrong goes before a VF that is not there yet.
	put_guest(tree, 100, "hostpci0: 00:02.7\nhostpci1: 05:00.0\n");
	assert_vf(tree, TROUBLE_REFUSED, "guest 100 cannot start: hostpci1 (line 2): there is no PCI device '05:00.0'",
		  "");
	put_guest(tree, 100, "hostpci0: 00:02.7,pcie=1\n");
	assert_vf(tree, TROUBLE_REFUSED, "guest 100 cannot start: 'pcie=1' needs the machine type q35", "");
	put_guest(tree, 100, "hostpci0: 00:02.1\nlock: migrate\n");
	assert_vf(tree, TROUBLE_LOCKED, "guest 100 is locked (migrate): Proxmox VE does not start it", "");
	put_guest(tree, 100, "hostpci0: 00:02.1\n");
	assert_int_equal(unlinkat(tree->root.fs, "sys/class/iommu/dmar0", AT_REMOVEDIR), 0);
	assert_vf(tree, TROUBLE_REFUSED,
		  "guest 100 cannot start: the IOMMU is off, and without it no PCI device can be passed through", "");
	put_guest(tree, 100, "hostpci3: 00:02.1\n"); // the guest as a whole, none of its slots
	assert_vf(tree, TROUBLE_REFUSED,
		  "guest 100 cannot start: the IOMMU is off, and without it no PCI device can be passed through", "");
	// A VF that is taken twice, once by the prefix of its slot.
	tree_dir(tree, "sys/class/iommu/dmar0");
	put_guest(tree, 100, "hostpci0: 00:02\nhostpci1: 00:02.1\n");
	assert_vf(tree, TROUBLE_REFUSED,
		  "guest 100 cannot start: it takes 0000:00:02.1 twice, as hostpci0 and hostpci1", "");
}

static void too_many_virtual_functions(void **state)
{
	struct tree *tree = *state;
	put_host(tree, 1);
	char text[8192] = "pool\n";
	for (unsigned i = 0; i <= MAPPING_ENTRIES_MAX; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "\tmap id=8086:a780,node=pve,path=0000:03:%02x.%u\n", i / 8, i % 8);
	tree_put(tree, MAPPING_FILE, text);
	for (unsigned i = 0; i < 5; i++)
		put_guest(tree, 100 + i, "hostpci0: mapping=pool\n");
	read_guests(tree);
	assert_int_equal(list->claims.count, CLAIMS_MAX);
	assert_int_equal(list->problem_count, 1);
	// The fifth guest's entries, and for each guest the one that its mapping has too many.
	assert_string_equal(list->problems[0].text,
			    "/" NODE_DIR
			    ": the guests name too many PCI devices (limits: 256, of a mapping 64); 69 ignored");
}

static void who_starts_at_boot(void **state)
{
	struct tree *tree = *state;
	static const struct {
		const char *resource, *onboot;
		bool boot;
	} cases[] = {
		{ "", "0", false },        { "", "1", true },         { "started", "0", true },
		{ "enabled", "0", true },  { "stopped", "1", false }, { "disabled", "1", false },
		{ "ignored", "1", true },  { "ignored", "0", false }, { "started", "1", true },
		{ "stopped", "0", false },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[128];
		snprintf(text, sizeof(text), "%s100\n\tstate %s\n",
			 cases[i].resource[0] ? "vm: " : "ct: ", cases[i].resource);
		tree_put(tree, HA_FILE, text);
		snprintf(text, sizeof(text), "onboot: %s\nhostpci0: " MDEV "\n", cases[i].onboot);
		put_guest(tree, 100, text);
		assert_int_equal(entry_of(tree)->boot, cases[i].boot);
	}
	tree_put(tree, HA_FILE, "vm: 100\n");
	assert_true(entry_of(tree)->boot);
}

// By startup order, then by number; a guest's own devices in theirs.
static void order(void **state)
{
	struct tree *tree = *state;
	put_guest(tree, 1000, "hostpci0: " MDEV "\nstartup: order=2\n");
	put_guest(tree, 200, "hostpci10: " MDEV "\nhostpci2: " MDEV "\n");
	put_guest(tree, 1100, "hostpci0: " MDEV "\n");
	put_guest(tree, 300, "hostpci0: " MDEV "\nstartup: order=10\n");
	put_guest(tree, 400, "hostpci0: " MDEV "\nstartup: order=2\n");
	static const struct {
		unsigned vmid, index;
	} expected[] = { { 400, 0 }, { 1000, 0 }, { 300, 0 }, { 200, 2 }, { 200, 10 }, { 1100, 0 } };
	read_guests(tree);
	assert_int_equal(list->count, ARRAY_SIZE(expected));
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		assert_int_equal(list->entries[i].vmid, expected[i].vmid);
		assert_int_equal(list->entries[i].index, expected[i].index);
	}
}

// What others could have written is told and not used; so is what is no file, too large, or no text.
static void trust(void **state)
{
	struct tree *tree = *state;
	put_guest(tree, 100, "hostpci0: " MDEV "\n");
	put_guest(tree, 101, "hostpci0: " MDEV "\n");
	assert_int_equal(fchmodat(tree->root.fs, NODE_DIR "/100.conf", 0660, 0), 0);
	assert_int_equal(fchmodat(tree->root.fs, NODE_DIR "/101.conf", 0640, 0), 0); // Proxmox VE's own mode
	assert_int_equal(entry_of(tree)->vmid, 101);
	assert_int_equal(list->problem_count, 1);
	assert_starts(list->problems[0].text,
		      "/" NODE_DIR "/100.conf: not owned by root, or writable by others; file ignored");
	assert_int_equal(unlinkat(tree->root.fs, NODE_DIR "/100.conf", 0), 0);

	tree_dir(tree, NODE_DIR "/102.conf");
	assert_int_equal(mkfifoat(tree->root.fs, NODE_DIR "/103.conf", 0644), 0);
	char *large = malloc(GUEST_FILE_MAX + 1);
	assert_non_null(large);
	memset(large, '\n', GUEST_FILE_MAX + 1);
	tree_put_bytes(tree, NODE_DIR "/104.conf", large, GUEST_FILE_MAX + 1);
	tree_put_bytes(tree, NODE_DIR "/105.conf", large, GUEST_FILE_MAX);
	free(large);
	tree_put_bytes(tree, NODE_DIR "/106.conf", "a\0b", 3);
	assert_int_equal(entry_of(tree)->vmid, 101);
	static const char *const says[] = { "/102.conf: not a regular", "/103.conf: not a regular",
					    "/104.conf: larger than", "/106.conf: contains a NUL byte" };
	assert_int_equal(list->problem_count, ARRAY_SIZE(says));
	for (size_t i = 0; i < ARRAY_SIZE(says); i++)
		assert_has(list->problems[i].text, says[i]);

	put_guest(tree, 101, "onboot: 0\nhostpci0: mapping=igpu,mdev=i915-GVTg_V5_4\n");
	tree_put(tree, MAPPING_FILE, "igpu\n\tmap id=8086:5916,node=pve,path=0000:00:02.0\n\tmdev 1\n");
	tree_put(tree, HA_FILE, "vm: 101\n");
	assert_true(entry_of(tree)->boot && !entry_of(tree)->problem[0]);
	assert_int_equal(fchmodat(tree->root.fs, MAPPING_FILE, 0646, 0), 0);
	assert_int_equal(fchmodat(tree->root.fs, HA_FILE, 0646, 0), 0);
	assert_has(entry_of(tree)->problem, "the mapping 'igpu' is unknown");
	assert_false(entry_of(tree)->boot);
	assert_has(list->problems[0].text, "/" MAPPING_FILE ": not owned by root");
	assert_has(list->problems[1].text, "/" HA_FILE ": not owned by root");

	tree->root.owner++;
	read_guests(tree);
	tree->root.owner--;
	assert_int_equal(list->count, 0);
}

static void more_than_fit(void **state)
{
	struct tree *tree = *state;
	for (unsigned vmid = 100; vmid < 100 + GUEST_ENTRIES_MAX / GUEST_SLOTS + 1; vmid++) {
		char text[GUEST_SLOTS * 64] = "";
		for (unsigned i = 0; i < GUEST_SLOTS; i++)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "hostpci%u: " MDEV "\n", i);
		put_guest(tree, vmid, text);
	}
	read_guests(tree);
	assert_equal(list->state, GUESTS_READ);
	assert_int_equal(list->count, GUEST_ENTRIES_MAX);
	assert_int_equal(list->problem_count, GUEST_SLOTS);
	assert_has(list->problems[0].text, "more than 256 vGPUs");
	for (unsigned vmid = 1000; vmid < 1000 + GUEST_PROBLEMS_MAX; vmid++) {
		put_guest(tree, vmid, "x");
		char path[128];
		snprintf(path, sizeof(path), NODE_DIR "/%u.conf", vmid);
		assert_int_equal(fchmodat(tree->root.fs, path, 0666, 0), 0);
	}
	read_guests(tree);
	assert_int_equal(list->problem_count, GUEST_PROBLEMS_MAX);
}

#define any_test(function)  cmocka_unit_test_setup_teardown(function, list_setup, list_teardown)
#define host_test(function) cmocka_unit_test_setup_teardown(function, host_setup, list_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		any_test(node_names),
		any_test(no_proxmox),
		any_test(unreadable),
		any_test(the_other_directory),
		host_test(entries),
		host_test(other_files),
		host_test(mistakes),
		host_test(mappings),
		host_test(claims),
		host_test(virtual_functions),
		host_test(refused_virtual_functions),
		host_test(too_many_virtual_functions),
		host_test(who_starts_at_boot),
		host_test(order),
		host_test(trust),
		host_test(more_than_fit),
		host_test(removed_meanwhile),
		host_test(unmounted_meanwhile),
		host_test(mounted_again_meanwhile),
		host_test(replaced_meanwhile),
		host_test(listed_but_not_there),
	};
	return run_group(tests);
}
