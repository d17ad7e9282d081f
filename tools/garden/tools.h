// The tools of the timeline.
#pragma once

#include "tools/garden/garden.h"
#include "tools/registry.h"

namespace yard::tools {

// garden_status, garden_get_regions (immediate), and the commands (ack): garden_play, garden_pause,
// garden_stop, garden_seek, garden_set_tempo, garden_emergency_pause, garden_create_region,
// garden_delete_region, garden_move_region. `garden` must outlive the registry.
//
// Every change of the transport is published as the value "garden.transport".
[[nodiscard]] Status add_garden_tools(Registry& registry, Garden& garden);

}  // namespace yard::tools
