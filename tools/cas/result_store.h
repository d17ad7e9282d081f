// Large results of jobs, kept as content.
#pragma once

#include "jobs/result_keeper.h"
#include "tools/cas/cas.h"

namespace yard::tools {

inline constexpr std::string_view kMsgpack = "application/msgpack";

// Stores a result as it is packed; the reference is {content_hash, size_bytes}. `cas` must outlive it.
[[nodiscard]] jobs::StoreResult store_results_in(Cas& cas);

}  // namespace yard::tools
