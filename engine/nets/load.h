// From a file's bytes to a network, whatever they are: text, JSON or a snapshot.
#pragma once

#include <expected>
#include <string_view>

#include "engine/nets/network.h"

namespace yard::nets {

// JSON begins with {, snapshots with their magic; the rest is text. Errors: every problem, in the document's order,
// each with its JSON pointer or its line:column; never a part of a net.
[[nodiscard]] std::expected<Network, Problems> load_net(std::string_view bytes, unsigned workers = 1);

}  // namespace yard::nets
