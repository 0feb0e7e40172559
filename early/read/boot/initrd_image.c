// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/boot/initrd_image.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>

#include "base/disk.h"
#include "base/file.h"
#include "base/recording.h"
#include "base/replay.h"
#include "read/config/config.h"

#define PROGRAM            "usr/sbin/gvt-early"
#define PROGRAM_OLD        "sbin/gvt-early"
#define PROGRAM_MAX        (64 * MIB)
#define MODPROBE_MAX       (64 * 1024) // of one file of modprobe.d
#define MODPROBE_FILES_MAX 64
#define SUMMARY_MAX        (4 * MIB)
#define MEMBERS_MAX        8192 // Debian's with all modules have 1800

//
// The members that matter
//

struct reader {
	struct initrd_image *file;
	const struct cpio *cpio;
	struct modprobe_text modprobe[MODPROBE_FILES_MAX];
	size_t modprobe_count;
};

static const char *plain_name(const char *name)
{
	while (starts_with(name, "./") || name[0] == '/')
		name += name[0] == '/' ? 1 : 2;
	return name;
}

static bool is_program(const char *name)
{
	return streq(name, PROGRAM) || streq(name, PROGRAM_OLD);
}

// Of a kernel's module, compressed or not.
static bool is_module(const char *name, const char *module)
{
	const char *slash = strrchr(name, '/');
	char file[32];
	snprintf(file, sizeof(file), "%s.ko", module);
	return slash && starts_with(slash + 1, file) && (!slash[1 + strlen(file)] || slash[1 + strlen(file)] == '.');
}

// The linker's note in an ELF file of 64 bits.
static void find_build_id(const char *data, size_t size, char *ret, size_t ret_size)
{
	Elf64_Ehdr head;
	ret[0] = '\0';
	if (size < sizeof(head))
		return;
	memcpy(&head, data, sizeof(head));
	for (unsigned i = 0; memcmp(head.e_ident, ELFMAG, SELFMAG) == 0 && i < head.e_phnum; i++) {
		Elf64_Phdr part;
		size_t at = head.e_phoff + (size_t)i * sizeof(part);
		if (at > size || size - at < sizeof(part))
			return;
		memcpy(&part, data + at, sizeof(part));
		if (part.p_type != PT_NOTE || part.p_offset > size || part.p_filesz > size - part.p_offset)
			continue;
		const char *note = data + part.p_offset, *end = note + part.p_filesz;
		while ((size_t)(end - note) >= sizeof(Elf64_Nhdr)) {
			Elf64_Nhdr what;
			memcpy(&what, note, sizeof(what));
			size_t name = (what.n_namesz + 3UL) & ~3UL, content = (what.n_descsz + 3UL) & ~3UL;
			note += sizeof(what);
			if (name + content > (size_t)(end - note))
				return;
			if (what.n_type == NT_GNU_BUILD_ID && what.n_namesz == 4 && memcmp(note, "GNU", 4) == 0) {
				for (size_t j = 0; j < what.n_descsz && 2 * j + 2 < ret_size; j++)
					snprintf(ret + 2 * j, 3, "%02x", (unsigned char)note[name + j]);
				return;
			}
			note += name + content;
		}
	}
}

static bool is_modprobe(const char *name)
{
	return starts_with(name, "etc/modprobe.d/") || starts_with(name, "lib/modprobe.d/") ||
		starts_with(name, "usr/lib/modprobe.d/");
}

static size_t wanted(void *data, const char *name)
{
	(void)data;
	name = plain_name(name);
	return is_program(name)                ? PROGRAM_MAX
		: streq(name, CONFIG_SNAPSHOT) ? CONFIG_SNAPSHOT_MAX
		: is_modprobe(name)            ? MODPROBE_MAX
					       : 0;
}

size_t initrd_plain_length(const char *name)
{
	static const char *const suffixes[] = { ".xz", ".zst", ".gz" };
	size_t length = strlen(name);
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++)
		if (length > strlen(suffixes[i]) && streq(name + length - strlen(suffixes[i]), suffixes[i]))
			return length - strlen(suffixes[i]);
	return length;
}

static bool is_counted(const char *name)
{
	size_t length = initrd_plain_length(name);
	return is_program(name) || (length > 3 && strncmp(name + length - 3, ".ko", 3) == 0) ||
		strstr(name, "lib/firmware/i915/");
}

static void add_member(struct initrd_image *file, const char *name, size_t size)
{
	const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name;
	if (file->member_count >= MEMBERS_MAX || strlen(base) >= sizeof(file->members->name))
		return;
	if (file->member_count % 256 == 0) {
		struct initrd_member *more =
			realloc(file->members, (file->member_count + 256) * sizeof(*file->members));
		if (!more)
			return;
		file->members = more;
	}
	struct initrd_member *member = &file->members[file->member_count++];
	strcpy(member->name, base);
	member->size = size;
}

const struct initrd_member *initrd_image_member(const struct initrd_image *file, const char *name)
{
	size_t length = initrd_plain_length(name);
	for (size_t i = 0; i < file->member_count; i++)
		if (initrd_plain_length(file->members[i].name) == length &&
		    strncmp(file->members[i].name, name, length) == 0)
			return &file->members[i];
	return NULL;
}

bool initrd_image_has_firmware(const struct initrd_image *file, const char *name)
{
	for (size_t i = 0; i < file->firmware_count; i++)
		if (streq(file->firmware[i], name))
			return true;
	return false;
}

static void add_firmware(struct initrd_image *file, const char *name, size_t length)
{
	char text[INITRD_FIRMWARE_SIZE];
	if (file->firmware_count == INITRD_FIRMWARE_MAX || length >= sizeof(text))
		return;
	snprintf(text, sizeof(text), "%.*s", (int)length, name);
	if (!initrd_image_has_firmware(file, text))
		memcpy(file->firmware[file->firmware_count++], text, sizeof(text));
}

// The kernel's own package has its modules in kernel/; depmod lets all others go before these.
static bool is_foreign(const char *name)
{
	const char *modules = strstr(name, "lib/modules/");
	const char *slash = modules ? strchr(modules + strlen("lib/modules/"), '/') : NULL;
	return slash && !starts_with(slash + 1, "kernel/");
}

// "usr/lib/firmware/i915/tgl_guc_70.bin.zst" is i915/tgl_guc_70.bin.
static void take_firmware(struct initrd_image *file, const char *name)
{
	const char *below = strstr(name, "lib/firmware/");
	if (!below)
		return;
	below += strlen("lib/firmware/");
	const char *uc = strstr(below, "_guc_"), *end;
	if (!uc)
		uc = strstr(below, "_huc");
	end = uc ? strstr(uc, ".bin") : NULL;
	if (end)
		add_firmware(file, below, (size_t)(end - below) + strlen(".bin"));
}

static void take(void *data, const char *name, char **content, size_t size)
{
	struct reader *reader = data;
	struct initrd_image *file = reader->file;
	name = plain_name(name);
	if (is_counted(name))
		add_member(file, name, size);
	// Of several links to a file the last has its content.
	bool empty = size == 0 && reader->cpio->links == 1;
	if (is_module(name, "i915")) {
		file->i915 = empty ? INITRD_MODULE_EMPTY : INITRD_MODULE_THERE;
		file->i915_foreign |= is_foreign(name);
	}
	if (is_module(name, "kvmgt"))
		file->kvmgt = empty ? INITRD_MODULE_EMPTY : INITRD_MODULE_THERE;
	if (is_module(name, "xe"))
		file->xe = empty ? INITRD_MODULE_EMPTY : INITRD_MODULE_THERE;
	take_firmware(file, name);
	if (!*content)
		return;
	if (is_program(name)) {
		file->program = true;
		find_build_id(*content, size, file->build_id, sizeof(file->build_id));
	} else if (streq(name, CONFIG_SNAPSHOT)) {
		free(file->snapshot);
		file->snapshot = *content;
		file->snapshot_length = size;
		*content = NULL;
	} else if (reader->modprobe_count < MODPROBE_FILES_MAX) {
		struct modprobe_text *text = &reader->modprobe[reader->modprobe_count++];
		snprintf(text->path, sizeof(text->path), "%s", name);
		text->text = *content;
		*content = NULL;
	}
}

static int read_archives(struct initrd_image *file, int dir, const char *path, uint64_t until_us)
{
	CLEANUP_CLOSE int fd = file_open(dir, path);
	if (fd == -ENOENT)
		return fd;
	if (fd < 0) {
		file->unpacked = UNPACK_UNREADABLE;
		snprintf(file->reason, sizeof(file->reason), "%s", strerror(-fd));
		file->error = -fd;
		return 0;
	}
	CLEANUP_FREE struct reader *reader = calloc(1, sizeof(*reader));
	CLEANUP_FREE struct cpio *cpio = calloc(1, sizeof(*cpio));
	if (!reader || !cpio)
		return -ENOMEM;
	reader->file = file;
	reader->cpio = cpio;
	*cpio = (struct cpio){ .wanted = wanted, .take = take, .data = reader };
	const char *compression;
	file->unpacked = initrd_unpack(fd, until_us, cpio, file->reason, sizeof(file->reason), &compression);
	snprintf(file->compression, sizeof(file->compression), "%s", compression ? compression : "");
	if (disk_size(dir, path, &file->size) < 0)
		file->size = 0;
	modprobe_lines_take(&file->modprobe, reader->modprobe, reader->modprobe_count);
	for (size_t i = 0; i < reader->modprobe_count; i++)
		free(reader->modprobe[i].text);
	return cpio->oom ? -ENOMEM : 0;
}

//
// Summaries
//

int initrd_image_summary(const struct initrd_image *file, char **ret_text, size_t *ret_length)
{
	FILE *stream = open_memstream(ret_text, ret_length);
	if (!stream)
		return -ENOMEM;
	fprintf(stream,
		INITRD_SUMMARY_HEAD "unpacked %d %s\n"
				    "program %d %s\n"
				    "modules %d %d%s\n",
		(int)file->unpacked, file->reason, file->program, file->build_id, (int)file->i915, (int)file->kvmgt,
		file->xe == INITRD_MODULE_THERE           ? " 1"
			: file->xe == INITRD_MODULE_EMPTY ? " 2"
							  : "");
	if (file->error)
		fprintf(stream, "error %d\n", file->error);
	if (file->i915_foreign)
		fputs("i915 foreign\n", stream);
	for (size_t i = 0; i < file->firmware_count; i++)
		fprintf(stream, "firmware %s\n", file->firmware[i]);
	for (size_t i = 0; i < file->modprobe.count; i++) {
		const struct modprobe_line *line = &file->modprobe.items[i];
		fprintf(stream, "modprobe %s %s %s\n", line->command, line->module, line->rest);
	}
	if (file->snapshot) {
		fputs("snapshot\n", stream);
		fwrite(file->snapshot, 1, file->snapshot_length, stream);
	}
	return fclose(stream) == 0 ? 0 : -ENOMEM;
}

// What stands behind a word at a line's begin; moves on to the next line. False when the line begins otherwise.
static bool take_line(const char **text, const char *word, char *ret, size_t size)
{
	if (!starts_with(*text, word))
		return false;
	const char *rest = *text + strlen(word);
	size_t length = strcspn(rest, "\n");
	snprintf(ret, size, "%.*s", (int)length, rest);
	*text = rest + length + (rest[length] == '\n');
	return true;
}

static bool take_head(struct initrd_image *file, const char **text)
{
	char line[128];
	unsigned unpacked = 0;
	unsigned i915 = 0, kvmgt = 0, xe = 0;
	int program = 0, at = 0;
	if (!take_line(text, "unpacked ", line, sizeof(line)) || sscanf(line, "%u %n", &unpacked, &at) != 1 ||
	    unpacked > UNPACK_TOO_SLOW)
		return false;
	snprintf(file->reason, sizeof(file->reason), "%.95s", line + at);
	if (!take_line(text, "program ", line, sizeof(line)) || sscanf(line, "%d %63s", &program, file->build_id) < 1 ||
	    !take_line(text, "modules ", line, sizeof(line)) || sscanf(line, "%u %u %u", &i915, &kvmgt, &xe) < 2 ||
	    i915 > INITRD_MODULE_EMPTY || kvmgt > INITRD_MODULE_EMPTY || xe > INITRD_MODULE_EMPTY)
		return false;
	if (take_line(text, "error ", line, sizeof(line)))
		file->error = (int)strtol(line, NULL, 10);
	file->i915_foreign = take_line(text, "i915 foreign", line, sizeof(line));
	while (take_line(text, "firmware ", line, sizeof(line)))
		add_firmware(file, line, strlen(line));
	file->xe = xe;
	file->unpacked = unpacked;
	file->program = program;
	file->i915 = i915;
	file->kvmgt = kvmgt;
	return true;
}

bool initrd_image_take_summary(struct initrd_image *file, const char *text, size_t length)
{
	const char *end = text + length;
	char line[512];
	if (!starts_with(text, INITRD_SUMMARY_HEAD))
		return false;
	text += strlen(INITRD_SUMMARY_HEAD);
	if (!take_head(file, &text))
		return false;
	while (take_line(&text, "modprobe ", line, sizeof(line)))
		modprobe_lines_add(&file->modprobe, line, "");
	if (take_line(&text, "snapshot", line, sizeof(line))) {
		file->snapshot = strndup(text, (size_t)(end - text));
		file->snapshot_length = file->snapshot ? strlen(file->snapshot) : 0;
	}
	return true;
}

static int read_summary(struct initrd_image *file, int dir, const char *path)
{
	CLEANUP_FREE char *text = NULL;
	size_t length;
	int r = file_read(dir, path, SUMMARY_MAX, &text, &length);
	if (r < 0)
		return r == -ENOENT ? r : -ENODATA;
	return initrd_image_take_summary(file, text, length) ? 0 : -ENODATA;
}

int initrd_image_read(struct initrd_image *file, int dir, const char *path, uint64_t until_us)
{
	CLEANUP_FREE char *summary = NULL;
	size_t length;
	*file = (struct initrd_image){ .program = false };
	if (replay_is_copy()) {
		int r = read_summary(file, dir, path);
		if (r != -ENODATA)
			return r;
	}
	int r = read_archives(file, dir, path, until_us);
	if (r == 0 && recording_is_on() && initrd_image_summary(file, &summary, &length) == 0)
		recording_file(dir, path, summary, length);
	return r;
}

void initrd_image_free(struct initrd_image *file)
{
	free(file->snapshot);
	free(file->members);
	file->snapshot = NULL;
	file->members = NULL;
	file->member_count = 0;
}
