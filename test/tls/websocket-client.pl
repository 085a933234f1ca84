# Logs in, places an order, and prints the two answers. Arguments: url, CA file, key, secret, order.
use strict;
use warnings;
use Mojo::JSON qw(decode_json encode_json);
use Mojo::UserAgent;

my ($url, $ca, $key, $secret, $order) = @ARGV;
my @requests = (
  {id => 1, method => 'auth.login', params => {api_key => $key, api_secret => $secret}},
  {id => 2, method => 'order.place', params => decode_json($order)},
);
my $agent = Mojo::UserAgent->new(ca => $ca);
$agent->websocket($url => sub {
  my (undef, $tx) = @_;
  die 'no WebSocket: ' . ($tx->error ? $tx->error->{message} : $tx->res->code) . "\n" unless $tx->is_websocket;
  $tx->on(message => sub {
    my ($socket, $message) = @_;
    print "$message\n";
    return $socket->finish unless @requests;
    $socket->send(encode_json(shift @requests));
  });
  $tx->on(finish => sub { Mojo::IOLoop->stop });
  $tx->send(encode_json(shift @requests));
});
Mojo::IOLoop->start;
