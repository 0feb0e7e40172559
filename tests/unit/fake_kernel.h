// SPDX-License-Identifier: GPL-2.0-or-later
// What the tests of the job put in place of the kernel: modules that come when they are loaded, instances that come
// when they are made. Linked with
// --wrap=module_load,--wrap=module_policy_read,--wrap=instance_create,--wrap=instance_remove.
#pragma once

#include "helper.h"
#include "host_tree.h"

#include <jansson.h>

#include "read/host/modules.h"
#include "read/host/mdev.h"

static struct fake_kernel {
	const struct tree *tree;
	enum load_result load; // what loading a module comes to; LOAD_DONE puts its files into the tree
	int load_error;        // of LOAD_FAILED
	int create_error;      // what making an instance comes to: 0, or a negative errno
	bool lazy;             // it reports success, and there is no instance
	bool undriven;         // the instance that it makes gets no driver
	char done[1024];       // what it was asked for: "load i915; create UUID; "
} kernel;

HELPER void fake_kernel_start(const struct tree *tree)
{
	kernel = (struct fake_kernel){ .tree = tree, .load = LOAD_DONE };
	put_host(tree);
	put_module_index(tree);
}

static void note_done(const char *what, const char *name)
{
	size_t used = strlen(kernel.done);
	snprintf(kernel.done + used, sizeof(kernel.done) - used, "%s %s; ", what, name);
}

enum load_result __wrap_module_load(struct modules *modules, const struct root *root, const char *name,
				    const char *options, int *ret_error);
enum load_result __wrap_module_load(struct modules *modules, const struct root *root, const char *name,
				    const char *options, int *ret_error)
{
	const struct tree *tree = kernel.tree;
	(void)modules, (void)root;
	note_done("load", name);
	*ret_error = kernel.load_error;
	if (kernel.load != LOAD_DONE && kernel.load != LOAD_MEANWHILE)
		return kernel.load;
	if (streq(name, "i915")) {
		tree_put(tree, "sys/module/i915/initstate", "live\n");
		tree_put(tree, "sys/module/i915/parameters/enable_gvt",
			 options && kernel.load == LOAD_DONE ? "Y\n" : "N\n");
		tree_link(tree, "sys/bus/pci/devices/" HOST_GPU "/driver", "../../../bus/pci/drivers/i915");
	} else if (streq(name, "kvmgt")) {
		tree_put(tree, "sys/module/kvmgt/initstate", "live\n");
		put_types(tree);
	}
	return kernel.load;
}

// Every module is there, and modprobe.d says nothing.
void __wrap_module_policy_read(struct module_policy *policy, struct modules *modules, const char *name);
void __wrap_module_policy_read(struct module_policy *policy, struct modules *modules, const char *name)
{
	(void)modules, (void)name;
	*policy = (struct module_policy){ .available = true };
}

int __wrap_instance_create(const struct root *root, const char *parent, const char *type, const char *uuid);
int __wrap_instance_create(const struct root *root, const char *parent, const char *type, const char *uuid)
{
	char driver[256];
	(void)root;
	snprintf(driver, sizeof(driver), "sys/bus/pci/devices/" HOST_GPU "/%s/driver", uuid);
	assert_string_equal(parent, HOST_GPU);
	note_done("create", uuid);
	if (kernel.create_error == 0 && !kernel.lazy)
		put_instance(kernel.tree, uuid, type);
	if (kernel.undriven)
		assert_int_equal(unlinkat(kernel.tree->root.fs, driver, 0), 0);
	return kernel.create_error;
}

int __wrap_instance_remove(const struct root *root, const char *uuid);
int __wrap_instance_remove(const struct root *root, const char *uuid)
{
	char path[256];
	note_done("remove", uuid);
	snprintf(path, sizeof(path), "%s/sys/bus/mdev/devices/%s", root->path, uuid);
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/" HOST_GPU "/%s", root->path, uuid);
	assert_int_equal(nftw(path, tree_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
	return 0;
}

//
// The report of a run that has ended
//

static json_t *report;

HELPER void report_load(const char *file)
{
	json_decref(report);
	report = json_loads(tree_get(kernel.tree, file), 0, NULL);
	assert_non_null(report);
}

HELPER const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text ? text : "";
}

// A step by its name, or NULL.
HELPER const json_t *step_of(const char *name)
{
	size_t index;
	json_t *step;
	json_array_foreach(json_object_get(report, "steps"), index,
			   step) if (streq(text_of(step, "name"), name)) return step;
	return NULL;
}

HELPER void assert_step(const char *name, const char *result, const char *detail)
{
	const json_t *step = step_of(name);
	if (!step)
		fail_msg("there is no step '%s'", name);
	assert_string_equal(text_of(step, "result"), result);
	assert_has(text_of(step, "detail"), detail);
}

HELPER void assert_instance(size_t index, const char *result, const char *detail)
{
	const json_t *instance = json_array_get(json_object_get(report, "instances"), index);
	assert_string_equal(text_of(instance, "result"), result);
	assert_has(text_of(instance, "detail"), detail);
}
