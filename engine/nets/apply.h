// Operations on a state, by names. Internal.
#pragma once

#include "engine/nets/operation.h"
#include "engine/nets/state.h"
#include "engine/nets/text_pool.h"

namespace yard::nets {

// All kinds but kReduce. Nothing has happened if it fails.
[[nodiscard]] Status apply(const Operation& operation, State& state, TextPool& texts);

// Adds a rule; pairs of its kind that are connected already are queued, in the order of their agents.
[[nodiscard]] Status install_rule(Rule rule, State& state);

}  // namespace yard::nets
