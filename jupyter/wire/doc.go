// Package wire encodes and decodes messages of the Jupyter wire protocol, version 5.4.
//
// A message is a list of ZeroMQ frames:
//
//	identities...  <IDS|MSG>  signature  header  parent_header  metadata  content  buffers...
//
// The signature is the hexadecimal HMAC-SHA256, under the key of the connection file, of the
// four JSON frames that follow it. Decode refuses a message whose signature does not fit, in
// constant time, before it parses anything.
//
//	concern                        -> function        -> test
//	frames of the protocol         -> Encode, Decode  -> TestRoundTrip
//	a forged message is refused    -> Decode          -> TestForged, FuzzDecode
//
// Reference: https://jupyter-client.readthedocs.io/en/stable/messaging.html
package wire
