// The standard kinds, a family a file.
#pragma once

#include "engine/graph/kind.h"
#include "engine/graph/limits.h"

namespace yard::graph {

void add_arithmetic(std::vector<Kind>& kinds);
void add_comparison(std::vector<Kind>& kinds);
void add_logic(std::vector<Kind>& kinds);
void add_select(std::vector<Kind>& kinds);
void add_memory(std::vector<Kind>& kinds);  // Latch, SetReset, Toggle, Counter
void add_timing(std::vector<Kind>& kinds);  // Timer, DeviceTrigger, Delay
void add_random(std::vector<Kind>& kinds);
void add_text(std::vector<Kind>& kinds);
void add_json(std::vector<Kind>& kinds);
void add_fold(std::vector<Kind>& kinds);  // Accumulate, the windows
void add_formula(std::vector<Kind>& kinds);
void add_script(std::vector<Kind>& kinds);
void add_net(std::vector<Kind>& kinds);
void add_outside(std::vector<Kind>& kinds);  // Value, Input, EventInput, Emit, Log, Call, Require

}  // namespace yard::graph
