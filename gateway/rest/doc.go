// Package rest is what the outside sees of Schakel over HTTP: the RPCs of the
// services that carry a google.api.http option, in Dutch JSON, by the NL API
// Design Rules 2.2 (ADR).
//
// The handlers are those that grpc-gateway generates, with three things around
// them. Our own route table goes first: it knows which methods a path has (405
// with Allow), and takes a path as it is. The marshaler is package wire. And the
// generated handlers, which would flatten the first fault of path, query or body
// into a line of English, get the path alone (transcode.go): the request is read
// just before the call (read.go), where all that is wrong with it comes together
// and makes one problem.
//
// Streams go otherwise, as NDJSON: what an RPC streams goes out a line a message
// (export.go), and signals come in a line each (bulk.go, which says how).
//
// What was decided about conditions and changes:
//   - A PATCH is a merge patch (RFC 7396) of application/merge-patch+json, and
//     of nothing else; its field mask follows from the body.
//   - The entity tag of what has a revision is that revision and a hash of all
//     that shows (etag.go). If-Match is about the revision, and is not required:
//     with it a change that came too late is 412, without it 409.
//
// Invariants:
//   - Every answer, those to unknown paths and after a panic included, carries
//     the API-Version, the security headers and the id of the request; every
//     answer of 400 and above is a problem (package problem).
//   - All faults of the input are listed together: those of path, query, headers
//     and JSON, and, when there are any, what else is wrong with what could be
//     read. That is what the service says of it, of a request that can be tried out
//     (validate_only), and otherwise the violations of the proto's rules.
//   - A path is taken as it is: no redirect, no cleaning. A slash at the end
//     is another path, which does not exist.
//   - HEAD answers wherever GET does.
//   - A network from which many call without a token keeps nobody else from it
//     (places.go). Where a call came from is known while it is under way, and is
//     told to nothing and nobody.
//   - What anybody may read may be kept by caches for who has no token (cache.go);
//     an answer to a token, and one that nobody may watch, never.
//   - Half a stream is never taken for a whole: an answer in lines that cannot
//     be finished ends with the connection. Its memory does not grow with its
//     length, and a client that is silent or does not read is waited for no
//     longer than Config.Stall.
//   - The access log names the route, never the path, the query or the body.
//   - Of a call that its contract marks as unobserved nothing is told at all
//     (unobserved.go).
//   - Who may do what is decided by the services: the Authorization header is
//     passed on to them untouched.
//
// It must not hold rules of the domain, nor keep state between requests, but for how
// many are under way.
package rest
