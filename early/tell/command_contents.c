// SPDX-License-Identifier: GPL-2.0-or-later
// "contents": what an initrd needs beside the binary and the snapshot, a line each, for the generators' hooks:
//
//   file PATH        a module's file, to be copied as it is: i915 and xe ask for the firmware of all GPUs there are,
//                    megabytes of it
//   module NAME      a module, to be added as the generator adds modules
//   firmware NAME    a file below /lib/firmware that this host's GPU asks for, if it is there
//   modprobe LINE    a line for modprobe.d in the initrd; the first of them says that virtual functions go in
//   nothing          with --into: it does not fit, and no part of gvt-early is to be in that initrd
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/output.h"
#include "base/clock.h"
#include "base/exitcode.h"
#include "base/log.h"
#include "decide/initrd_fit.h"
#include "read/boot/left_out.h"
#include "read/config/config.h"
#include "read/config/remembered_guests.h"
#include "read/config/wanted_sources.h"
#include "read/host/host.h"
#include "read/host/tools.h"
#include "tell/command.h"
#include "tell/contents_lines.h"
#include "tell/contents_sriov.h"
#include "tell/words.h"

#define ROOM_LIMIT_S (CONTENTS_LIMIT_S - 10) // then the hook goes on as if there were room

static bool take_gvt(struct contents_lines *lines, const struct host *host)
{
	const char *release = lines->release;
	int firmware;
	int r = initrd_contents_add_gvt(&lines->list, lines->modules, host, &firmware);
	if (r == -ENOENT) {
		log_line(LOG_WARNING,
			 "kernel %s has no module kvmgt: it was built without GVT-g, and cannot create vGPUs", release);
		return false;
	}
	if (r < 0) {
		log_line(LOG_ERR, "kernel %s: the modules that i915 and kvmgt need cannot be read: %s", release,
			 strerror(-r));
		return false;
	}
	if (firmware < 0)
		log_line(LOG_WARNING, "kernel %s: the names of i915's firmware cannot be read: %s", release,
			 strerror(-firmware));
	return true;
}

// What is to be printed for.
struct work {
	const struct root *root;
	const struct options *options;
	struct host host;
	struct config config;
	char running[sizeof(((struct host *)NULL)->release)]; // the kernel that runs, whatever the initrd is for
	bool chroot;
	bool something; // goes in, the program at least
};

// A file of this system, whatever --root says.
static int read_snapshot(struct config *config, const char *path)
{
	FILE *file = fopen(path, "re");
	if (!file)
		return -errno;
	CLEANUP_FREE char *text = malloc(CONFIG_SNAPSHOT_MAX);
	size_t length = text ? fread(text, 1, CONFIG_SNAPSHOT_MAX, file) : 0;
	int r = !text ? -ENOMEM : ferror(file) ? -EIO : 0;
	(void)fclose(file);
	return r < 0 ? r : config_parse(config, path, text, length, true);
}

// What is wanted, of the snapshot that goes into the same initrd, or as the files in /etc/gvt-early have it. What is
// wrong with the configuration is told by "snapshot".
static int read_config(struct work *work)
{
	CLEANUP_FREE char *text = NULL;
	struct config known, *config = &work->config;
	size_t length;
	if (work->options->snapshot) {
		config_init(config);
		return read_snapshot(config, work->options->snapshot);
	}
	int r = config_read(config, work->root, false);
	if (r == 0 && !config->unread && host_may_have_sriov(&work->host))
		return sources_add_guests(config, work->root, UINT64_MAX, false);
	if (r < 0 || !config->unread)
		return r;
	if (remembered_load_snapshot(work->root, &known, &text, &length) == 0) {
		config_free(config);
		*config = known;
	} else {
		config_free(&known);
	}
	return 0;
}

// The plan for the kernel that the initrd is for, as its next boot finds the host.
static int plan_vfs(struct vf_plan *plan, struct work *work)
{
	struct host *host = &work->host;
	*plan = (struct vf_plan){ .count = 0 };
	if (work->options->kernel)
		snprintf(host->release, sizeof(host->release), "%s", work->options->kernel);
	int r = host_read(host, work->root, HOST_KERNEL | HOST_STATE, HOST_UNBOUNDED);
	host_forget_boot(host);
	return r < 0 ? r : vf_plan_make(plan, host, &work->config);
}

// Returns whether that is as it should be.
static bool tell_no_gpu(struct contents_lines *lines, const struct work *work)
{
	if (!contents_names_vf(&work->config))
		return true;
	if (work->chroot)
		contents_leave_to_service(lines);
	log_line(work->chroot ? LOG_INFO : LOG_WARNING, "no VF goes into the initrd: %s",
		 work->chroot ? "in a chroot the GPU is not known; the VFs are left to gvt-early.service"
			      : "no GPU of this host can be split by SR-IOV");
	return work->chroot;
}

static bool is_gvt(const struct gpu_list *gpus)
{
	for (size_t i = 0; i < gpus->count; i++)
		if (gpus->items[i].verdict == GPU_SUPPORTED)
			return true;
	return gpus->count == 0;
}

// Returns a negative errno when out of memory; *ret_good is whether all that is wanted goes in.
static int take_vfs(struct contents_lines *lines, struct work *work, bool *ret_taken, bool *ret_good)
{
	struct vf_plan plan;
	int r = plan_vfs(&plan, work);
	*ret_taken = false;
	*ret_good = true;
	if (r == 0 && plan.count > 0)
		*ret_good = contents_take_vfs(lines, &plan, &work->host, work->root, ret_taken);
	else if (r == 0)
		*ret_good = tell_no_gpu(lines, work);
	vf_plan_free(&plan);
	return r;
}

// Without a snapshot the list is of what GVT-g needs, whatever is wanted.
static int take_contents(struct contents_lines *lines, struct work *work, int *ret_code)
{
	bool gvt = !work->options->snapshot || work->config.wanted.count > 0;
	bool wanted = config_may_want_vfs(&work->config), sriov = wanted && host_may_have_sriov(&work->host);
	bool good = !wanted || sriov || tell_no_gpu(lines, work), vfs = false;
	int r = 0;
	if ((gvt || sriov) && modules_trouble(lines->modules)[0]) {
		log_line(LOG_WARNING, "the modules of kernel %s cannot be found: /lib/modules/%s/%s", lines->release,
			 lines->release, modules_trouble(lines->modules));
		gvt = sriov = good = false;
	}
	if (sriov)
		r = take_vfs(lines, work, &vfs, &good);
	if (r < 0)
		return r;
	// A driver that splits a GPU by SR-IOV, and i915 for the GVT-g that no GPU has: one of them would be too much.
	gvt = gvt && !(vfs && !is_gvt(&work->host.gpus));
	bool has_gvt = gvt && take_gvt(lines, &work->host);
	good &= has_gvt == gvt;
	if (has_gvt || vfs)
		good &= contents_take_settings(lines, &work->config.settings);
	work->something = lines->list.count > 0;
	*ret_code = good ? EXIT_ALL_WELL : EXIT_DEGRADED;
	return lines->list.oom ? -ENOMEM : 0;
}

// "/boot has 210.4 MiB free, the ESP 1234-ABCD 300.0 MiB"
static void list_places(const struct initrd_room *room, char *ret, size_t size)
{
	size_t used = 0;
	ret[0] = '\0';
	for (size_t i = 0; i < room->place_count && used < size; i++) {
		const struct room_place *place = &room->places[i];
		char free_text[FIT_SIZE] = "an unknown size";
		if (place->known)
			(void)initrd_fit_size(place->free, free_text);
		used += (size_t)snprintf(ret + used, size - used, "%s%s%s%s %s%s", i ? ", " : "",
					 place->esp[0] ? "the ESP " : "/boot", place->esp, i ? "" : " has", free_text,
					 i ? "" : " free");
	}
}

// The rest of an initrd's changes is not ours, and what is this small nobody has to know.
#define WORTH_TELLING (MIB / 10)

static void tell_growth(const struct initrd_room *room)
{
	char places[512], growth[FIT_SIZE];
	if (!room->grown || room->growth.bytes < WORTH_TELLING)
		return;
	list_places(room, places, sizeof(places));
	log_line(LOG_INFO, "kernel %s: its initrd grows by %s%s; %s", room->release,
		 room->growth.at_most ? "at most " : "", initrd_fit_size(room->growth.bytes, growth), places);
}

static void tell_no_room(const struct initrd_fit *fit, const struct initrd_room *room, const struct tools *tools,
			 bool gvt)
{
	struct finding finding;
	char text[SENTENCE_SIZE];
	finding_make(&finding, "initrd-room", SEVERITY_WARNING, CAUSE_NO_ROOM_NOW);
	initrd_fit_tell(fit, room, &finding);
	log_line(LOG_WARNING, "%s", finding_seen(&finding, text, sizeof(text)));
	initrd_fit_mend(&finding, JOINT_NONE, fit, room, tools);
	log_line(LOG_WARNING, "gvt-early.service does the job later in the boot%s. Fix: %s",
		 gvt ? ", if i915.enable_gvt=1 is on the kernel command line" : "",
		 finding_fix(&finding, text, sizeof(text)));
}

// Whether the initrd that is being made has room for all of it; where that cannot be known it has.
static bool has_room(const struct work *work, const struct contents_lines *lines)
{
	struct initrd_room room;
	struct initrd_fit fit;
	struct tools tools;
	CLEANUP_CLOSE int tree = open(work->options->into, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	tools_read(&tools, work->root, lines->release, work->config.settings.proxmox);
	const struct room_query query = { .root = work->root,
					  .release = lines->release,
					  .running = work->running,
					  .beside = tools.has[TOOL_UPDATE_INITRAMFS],
					  .contents = &lines->list,
					  .tree = tree,
					  .measure = true,
					  .until_us = clock_now_us() + ROOM_LIMIT_S * USEC_PER_SEC };
	int r = initrd_room_read(&room, &query);
	if (r < 0) {
		log_line(LOG_WARNING, "whether the initrd has room cannot be determined: %s", strerror(-r));
		return true;
	}
	initrd_fit_judge(&fit, &room);
	if (!fit.lacking) {
		tell_growth(&room);
		left_out_forget(work->root, lines->release);
		return true;
	}
	tell_no_room(&fit, &room, &tools, work->config.wanted.count > 0);
	if (left_out_write(work->root, &room) < 0)
		log_line(LOG_WARNING, "/var/lib/gvt-early cannot be written: 'gvt-early check' will not know this");
	return false;
}

static int open_and_print(struct work *work, int *ret_code)
{
	struct contents_lines lines = { .release = work->options->kernel ? work->options->kernel : work->host.release };
	int r = modules_open(&lines.modules, work->root, lines.release);
	if (r == 0)
		r = take_contents(&lines, work, ret_code);
	if (r == 0 && work->options->into && work->something && !has_room(work, &lines)) {
		fputs("nothing\n", output_stream());
		*ret_code = EXIT_DEGRADED;
	} else if (r == 0) {
		contents_print(&lines);
	}
	initrd_contents_free(&lines.list);
	modules_close(lines.modules);
	return r;
}

int command_contents(const struct root *root, const struct options *options)
{
	struct work work = { .root = root, .options = options };
	int code = EXIT_INTERNAL;
	if (options->kernel && !modules_release_valid(options->kernel)) {
		log_line(LOG_ERR, "'%s' is not a kernel release", options->kernel);
		return EXIT_BAD_INPUT;
	}
	// There the GPUs are of the machine around it.
	work.chroot = root_is_chroot(root);
	int r = host_read(&work.host, root, HOST_WORDS | HOST_KERNEL | (work.chroot ? 0U : HOST_GPUS), HOST_UNBOUNDED);
	snprintf(work.running, sizeof(work.running), "%s", work.host.release);
	if (r == 0)
		r = read_config(&work);
	if (r == 0 && !work.config.settings.early) {
		log_line(LOG_INFO, "nothing goes into the initrd: 'early = no' leaves the vGPUs to gvt-early.service");
		code = EXIT_ALL_WELL;
	} else if (r == 0) {
		r = open_and_print(&work, &code);
	}
	if (r < 0)
		log_line(LOG_ERR, "failed: %s", strerror(-r));
	config_free(&work.config);
	host_free(&work.host);
	return code;
}
