// A tunebook in many keys: the Long job.
#pragma once

#include <cstdint>

#include "engine/base/pack.h"
#include "engine/base/result.h"
#include "jobs/job_context.h"
#include "tools/audio/studio.h"
#include "tools/tool.h"

namespace yard::tools {

// Tunes times keys: what one result can list.
inline constexpr std::size_t kBookItemsMax = 1'000;

// abc_render_book, declared. `studio` must outlive the registry.
[[nodiscard]] ToolSpec render_book_tool(const Studio& studio);

}  // namespace yard::tools
