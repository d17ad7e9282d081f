// Results that are kept in the store because they are large.
#pragma once

#include "clients/core/client.h"

namespace yard::client {

// A job's record with its `result`, also where it only has a `result_ref`: that is fetched, in parts. Blocks.
// Errors: what cas_get answers; kBadFrame for content that is no result.
[[nodiscard]] Result<Reply> with_whole_result(Client& client, Reply record);

}  // namespace yard::client
